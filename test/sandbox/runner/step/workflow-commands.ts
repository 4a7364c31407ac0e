import type { ObeyedCommand } from './results.ts'

/** Everything a runner of 2026 knows; `stop-commands` and the tokens that end it come on top. */
export const knownCommands = [
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]

const dataEscapes: [RegExp, string][] = [
  [/%0D/g, '\r'],
  [/%0A/g, '\n'],
  [/%25/g, '%'],
]
const propertyEscapes: [RegExp, string][] = [
  [/%0D/g, '\r'],
  [/%0A/g, '\n'],
  [/%3A/g, ':'],
  [/%2C/g, ','],
  [/%25/g, '%'],
]
const bracketEscapes: [RegExp, string][] = [
  [/%3B/g, ';'],
  [/%0D/g, '\r'],
  [/%0A/g, '\n'],
  [/%5D/g, ']'],
  [/%25/g, '%'],
]

function unescapeWith(text: string, escapes: [RegExp, string][]): string {
  return escapes.reduce((result, [from, to]) => result.replace(from, () => to), text)
}

/**
 * Reads a line as the runner does: `::name a=b,c=d::data` after white space, or `##[name a=b;c=d]data` anywhere
 * in the line. https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 *
 * @param line one line of output
 * @param known names of commands, in lower case
 * @returns the command, or undefined for a line that is none
 */
export function parseCommand(line: string, known: ReadonlySet<string>): ObeyedCommand | undefined {
  return parseColons(line.trimStart(), known) ?? parseBrackets(line, known)
}

function parseColons(line: string, known: ReadonlySet<string>): ObeyedCommand | undefined {
  if (!line.startsWith('::')) return undefined
  const end = line.indexOf('::', 2)
  if (end < 0) return undefined
  const head = readHead(line.slice(2, end), { separator: ',', escapes: propertyEscapes, known })
  return head && { ...head, data: unescapeWith(line.slice(end + 2), dataEscapes) }
}

function parseBrackets(line: string, known: ReadonlySet<string>): ObeyedCommand | undefined {
  const start = line.indexOf('##[')
  const end = start < 0 ? -1 : line.indexOf(']', start)
  if (end < 0) return undefined
  const head = readHead(line.slice(start + 3, end), { separator: ';', escapes: bracketEscapes, known })
  return head && { ...head, data: unescapeWith(line.slice(end + 1), bracketEscapes) }
}

function readHead(
  head: string,
  form: { separator: string; escapes: [RegExp, string][]; known: ReadonlySet<string> },
): Omit<ObeyedCommand, 'data'> | undefined {
  const space = head.indexOf(' ')
  const name = (space < 0 ? head : head.slice(0, space)).toLowerCase()
  if (!form.known.has(name)) return undefined
  const pairs =
    space < 0
      ? []
      : head
          .slice(space + 1)
          .trim()
          .split(form.separator)
  const properties: Record<string, string> = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const key = pair.slice(0, Math.max(equals, 0))
    const value = pair.slice(equals + 1)
    if (key !== '' && value !== '') properties[key] = unescapeWith(value, form.escapes)
  }
  return { name, properties }
}
