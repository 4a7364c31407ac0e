import { parse } from 'yaml'

interface Parameter {
  readonly description: string
  readonly required?: boolean
  readonly default?: string
}

/** The inputs and outputs of action.yml, which docs/inputs.md repeats. */
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

/**
 * @param names the inputs to show; they come in the order of action.yml
 * @returns the inputs as a Markdown table
 */
export function inputsTable(action: ActionMetadata, names: readonly string[]): string {
  const rows = Object.entries(action.inputs)
    .filter(([name]) => names.includes(name))
    .map(([name, input]) => {
      const { meaning, fallback } = meaningOf(input)
      // A word for none would be copied as a value.
      return [`\`${name}\``, ['', 'none'].includes(fallback) ? '–' : fallback, meaning]
    })
  return besideTheDocs(table(['Input', 'Default', 'Meaning'], rows))
}

/** @returns the outputs as a Markdown table */
export function outputsTable(action: ActionMetadata): string {
  const rows = Object.entries(action.outputs).map(([name, output]) => [
    `\`${name}\``,
    meaningOf(output).meaning,
  ])
  return besideTheDocs(table(['Output', 'Meaning'], rows))
}

/** Links of action.yml begin at the root of the repository, and the tables are in docs/. */
function besideTheDocs(markdown: string): string {
  return markdown.replaceAll('](docs/', '](')
}

/** An example workflow as a code block, without the comment at its top. */
export function asExample(workflow: string): string {
  const text = workflow.replace(/^(?:#.*\n)+/, '').trim()
  return `\`\`\`yaml\n${text}\n\`\`\``
}

/**
 * Writes a part of a page that is generated.
 *
 * @param options.name of the marks around the part: `<!-- name -->` and `<!-- /name -->`
 * @returns the new page
 * @throws Error when a mark is missing
 */
export function withPart(page: string, options: { name: string; content: string }): string {
  const { name, content } = options
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`The page needs a line ${begin} and, after it, a line ${end}.`)
  return `${page.slice(0, from + begin.length)}\n\n${content.trimEnd()}\n\n${page.slice(to)}`
}

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('')
}
