import { parse } from 'yaml'

interface Parameter {
  readonly description: string
  readonly required?: boolean
  readonly default?: string
}

/** The inputs and outputs of action.yml, which the README repeats. */
export interface ActionMetadata {
  readonly inputs: Readonly<Record<string, Parameter>>
  readonly outputs: Readonly<Record<string, Parameter>>
}

/** A description, split into its meaning and its default. */
export interface Meaning {
  readonly meaning: string
  /** The default as Markdown; empty when the description names none. */
  readonly fallback: string
}

/**
 * @param text of action.yml
 * @returns its inputs and outputs
 */
export function readAction(text: string): ActionMetadata {
  const { inputs = {}, outputs = {} } = parse(text) as Partial<ActionMetadata>
  return { inputs, outputs }
}

/**
 * Splits a description into meaning and default. Recipe inputs have no `default:`, which would override the config file:
 * their descriptions end with "Default: ..." or begin with "**Required**".
 */
export function meaningOf({ description, required, default: given }: Parameter): Meaning {
  const text = description.trim().replaceAll(/\s+/g, ' ')
  const [, where, rest = text] = /^\*\*Required\*\*(.*?)\. (.*)$/.exec(text) ?? []
  if (where !== undefined) return { meaning: rest, fallback: `required${where}` }
  const [, meaning = text, documented = ''] = /^(.*?)(?: |^)Default: (.*)\.$/.exec(text) ?? []
  if (given !== undefined && given !== '') return { meaning, fallback: `\`${given}\`` }
  return { meaning, fallback: documented || (required === true ? 'required' : '') }
}

/** @returns the inputs as a Markdown table */
export function inputsTable(action: ActionMetadata): string {
  const rows = Object.entries(action.inputs).map(([name, input]) => {
    const { meaning, fallback } = meaningOf(input)
    // A word for none would be copied as a value.
    return [`\`${name}\``, ['', 'none'].includes(fallback) ? '–' : fallback, meaning]
  })
  return table(['Input', 'Default', 'Meaning'], rows)
}

/** @returns the outputs as a Markdown table */
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
 * Writes the tables of action.yml and the first example into a README.
 *
 * @param example the text of the example workflow
 * @returns the new README
 * @throws Error when a marker of the README is missing
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
