import { closestMatch } from 'leven'
import { cleanText, lineEnd } from '../../domain/text/clean.ts'
import { Refused } from '../../domain/verdict.ts'
import { shown } from './header/toml-value.ts'

/** What may stand in braces in `script-args`. */
export const placeholderNames = [
  'dataset',
  'revision',
  'data',
  'model',
  'base-model',
  'published-model',
  'task',
] as const

/** One of the names that may stand in braces. */
type PlaceholderName = (typeof placeholderNames)[number]

/** The values of the placeholders; empty for what a training does not have. */
export type PlaceholderValues = Readonly<Record<PlaceholderName, string>>

const wholeValue = /^--[^={}]+=\{([a-z-]+)\}$/
const inBraces = /\{([^{}]*)\}/y
const brace = /[{}]/g
const known = 'dataset, revision, data, model, base-model, published-model and task'

/**
 * Splits the text of `script-args`: one argument on each line, spaces inside of it included. There is no shell, so quotes
 * stay.
 *
 * @throws Refused for an empty line between two arguments
 */
export function splitArguments(text: string): string[] {
  const clean = cleanText(text)
  if (clean === '') return []
  const lines = clean.split(lineEnd).map(cleanText)
  const empty = lines.indexOf('')
  if (empty < 0) return lines
  throw new Refused(`script-args: line ${empty + 1} is empty, and each line is one argument: remove it.`)
}

/**
 * Fills in the placeholders of arguments. `{{` and `}}` stand for braces; a value is never read again for placeholders.
 * An argument `--x={name}` whose value is empty is left out.
 *
 * @throws Refused for an unknown name, with the nearest one, for a single brace, and for an empty value elsewhere
 */
export function fillArguments(args: readonly string[], values: PlaceholderValues): string[] {
  return args.flatMap((arg, index) => {
    const where = `script-args, argument ${index + 1}`
    const whole = wholeValue.exec(arg)?.[1]
    if (whole !== undefined && placeholderValue(whole, { where, values }) === '') return []
    const filled = fill(arg, { where, values })
    if (filled === '') throw new Refused(`${where} is empty, which a Job cannot get: remove it.`)
    return filled
  })
}

interface Place {
  readonly where: string
  readonly values: PlaceholderValues
}

function fill(arg: string, place: Place): string {
  const { where } = place
  const parts: string[] = []
  let at = 0
  while (at < arg.length) {
    const next = nextBrace(arg, at)
    parts.push(arg.slice(at, next))
    const found = arg.charAt(next)
    if (found === '') break
    at = next
    if (arg.charAt(at + 1) === found) {
      parts.push(found)
      at += 2
      continue
    }
    inBraces.lastIndex = at
    const name = found === '{' ? inBraces.exec(arg)?.[1] : undefined
    if (name === undefined) {
      throw new Refused(`${where} has a single ${found}: write ${found}${found} for a brace itself.`)
    }
    const value = placeholderValue(name, place)
    if (value === '') {
      throw new Refused(
        `${where}: {${name}} is empty in this training: remove it, or make it the whole value of an option, as in ` +
          `--option={${name}}, which is then left out.`,
      )
    }
    parts.push(value)
    at = inBraces.lastIndex
  }
  return parts.join('')
}

function nextBrace(arg: string, from: number): number {
  brace.lastIndex = from
  return brace.exec(arg)?.index ?? arg.length
}

function placeholderValue(name: string, { where, values }: Place): string {
  const found = placeholderNames.find((each) => each === name)
  if (found !== undefined) return values[found]
  const plain = name.trim().toLowerCase().replaceAll('_', '-').slice(0, 50)
  const nearest = closestMatch(plain, placeholderNames, { maxDistance: Math.max(2, plain.length / 3) })
  const hint = nearest === undefined ? `the known names are ${known}` : `did you mean {${nearest}}?`
  throw new Refused(
    `${where}: ${shown(`{${name}}`)} is unknown: ${hint}${hint.endsWith('?') ? ' For' : '; for'} braces themselves, write {{ and }}.`,
  )
}
