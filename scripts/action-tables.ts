import { parse } from 'yaml'

interface Described {
  readonly description: string
  readonly required?: boolean
  readonly default?: string
}

/** The part of action.yml that the README repeats. */
export interface ActionMetadata {
  readonly inputs: Readonly<Record<string, Described>>
  readonly outputs: Readonly<Record<string, Described>>
}

/** A description, with what it says about the default apart. */
export interface Meaning {
  readonly meaning: string
  /** In Markdown; empty: nothing is said. */
  readonly fallback: string
}

/** @returns action.yml as data */
export function readAction(text: string): ActionMetadata {
  const { inputs = {}, outputs = {} } = parse(text) as Partial<ActionMetadata>
  return { inputs, outputs }
}

/**
 * What an input means and what it is when it is not given. Inputs that belong to a recipe have no `default:`,
 * which would beat the config file: their descriptions end with "Default: ..." or begin with "**Required**".
 */
export function meaningOf({ description, required, default: given }: Described): Meaning {
  const text = description.trim().replaceAll(/\s+/g, ' ')
  const [, where, rest = text] = /^\*\*Required\*\*(.*?)\. (.*)$/.exec(text) ?? []
  if (where !== undefined) return { meaning: rest, fallback: `required${where}` }
  const [, meaning = text, said = ''] = /^(.*?)(?: |^)Default: (.*)\.$/.exec(text) ?? []
  if (given !== undefined && given !== '') return { meaning, fallback: `\`${given}\`` }
  return { meaning, fallback: said || (required === true ? 'required' : '') }
}

/** The inputs as a Markdown table. */
export function inputsTable(action: ActionMetadata): string {
  const rows = Object.entries(action.inputs).map(([name, input]) => {
    const { meaning, fallback } = meaningOf(input)
    return [`\`${name}\``, fallback, meaning]
  })
  return table(['Input', 'Default', 'Meaning'], rows)
}

/** The outputs as a Markdown table. */
export function outputsTable(action: ActionMetadata): string {
  const rows = Object.entries(action.outputs).map(([name, output]) => [
    `\`${name}\``,
    meaningOf(output).meaning,
  ])
  return table(['Output', 'Meaning'], rows)
}

/** An example workflow as a code block, without the comment at its top. */
export function asExample(workflow: string): string {
  const text = workflow.replace(/^(?:#.*\n)+/, '').trim()
  return `\`\`\`yaml\n${text}\n\`\`\``
}

/**
 * A README whose tables are those of action.yml, and whose first example is a workflow of this repository.
 *
 * @throws Error when the marks between which they stand are not there
 */
export function withTables(readme: string, action: ActionMetadata, example: string): string {
  const withExample = replaceBetween(readme, 'example', asExample(example))
  const withInputs = replaceBetween(withExample, 'inputs', inputsTable(action))
  return replaceBetween(withInputs, 'outputs', outputsTable(action))
}

function replaceBetween(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`README.md needs a line ${begin} and, after it, a line ${end}.`)
  return `${text.slice(0, from + begin.length)}\n\n${content}\n${text.slice(to)}`
}

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('')
}
