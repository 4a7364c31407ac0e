import { float, repr } from './python.ts'

/** Types of parameters, as Python calls them. */
export type Kind = 'str' | 'int' | 'float' | 'bool'

type Value = string | number | boolean

const NAMES = { str: 'string', int: 'integer', float: 'number', bool: 'boolean' } as const

const YES = ['true', '1', 'yes', 'on', 't', 'y']
const NO = ['false', '0', 'no', 'off', 'f', 'n']

function pythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (typeof value === 'object') return Array.isArray(value) ? 'list' : 'dict'
  return { string: 'str', boolean: 'bool' }[String(typeof value)] ?? 'object'
}

function coerced(kind: Kind, value: unknown): { value: Value } | { told: string; type: string } {
  const wrongType = { told: '', type: `${kind === 'str' ? 'string' : kind}_type` }
  if (kind === 'str') return typeof value === 'string' ? { value } : wrongType
  if (kind === 'bool') {
    if (typeof value === 'boolean') return { value }
    const word = String(value).toLowerCase()
    if (YES.includes(word)) return { value: true }
    return NO.includes(word)
      ? { value: false }
      : { told: ', unable to interpret input', type: 'bool_parsing' }
  }
  if (typeof value !== 'number' && typeof value !== 'string') return wrongType
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value)
  if (Number.isNaN(number) || (kind === 'int' && typeof value === 'string' && !Number.isInteger(number))) {
    return {
      told: `, unable to parse string as ${kind === 'int' ? 'an integer' : 'a number'}`,
      type: `${kind}_parsing`,
    }
  }
  if (kind === 'int' && !Number.isInteger(number)) {
    return { told: ', got a number with a fractional part', type: 'int_from_float' }
  }
  return { value: number }
}

/**
 * Checks one value as pydantic does, without its strict mode.
 * https://docs.pydantic.dev/latest/errors/validation_errors/
 *
 * @param options the parameter's name and type, and whether it may be None
 * @param value what the configuration gives
 * @returns the value as Python would have it, or the lines of the report
 */
export function coerce(
  options: { name: string; kind: Kind; isOptional?: boolean },
  value: unknown,
): { value: Value | null } | { report: string } {
  const { name, kind, isOptional = false } = options
  if (value === null && isOptional) return { value: null }
  const result = coerced(kind, value)
  if ('value' in result) return result
  const shown = typeof value === 'number' && !Number.isInteger(value) ? repr(float(value)) : repr(value)
  const input = `input_value=${shown}, input_type=${pythonType(value)}`
  const report = [
    name,
    `  Input should be a valid ${NAMES[kind]}${result.told} [type=${result.type}, ${input}]`,
    `    For further information visit https://errors.pydantic.dev/2.10/v/${result.type}`,
  ]
  return { report: report.join('\n') }
}
