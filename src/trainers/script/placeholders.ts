import { closestMatch } from 'leven'
import { Refused } from '../../domain/verdict.ts'
import { shown } from './header/toml-value.ts'

/** The values of the names that may stand in braces in `script-args`; empty for what a training does not have. */
type PlaceholderValues = Readonly<Record<string, string>>

const wholeValue = /^--[^={}]+=\{([a-z-]+)\}$/
const inBraces = /\{([^{}]*)\}/y
const brace = /[{}]/g

/**
 * Fills in the placeholders of arguments. `{{` and `}}` stand for braces; a value is never read again for placeholders.
 * An argument `--x={name}` whose value is empty is left out.
 *
 * @param values by the names that are known
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
  const names = Object.keys(values)
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value !== undefined) return value
  const plain = name.trim().toLowerCase().replaceAll('_', '-').slice(0, 50)
  const nearest = closestMatch(plain, names, { maxDistance: Math.max(2, plain.length / 3) })
  const hint =
    nearest === undefined
      ? `the known names are ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
      : `did you mean {${nearest}}?`
  throw new Refused(
    `${where}: ${shown(`{${name}}`)} is unknown: ${hint}${hint.endsWith('?') ? ' For' : '; for'} braces themselves, write {{ and }}.`,
  )
}
