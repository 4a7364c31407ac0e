import { TomlDate } from 'smol-toml'
import { cutText } from '../../../domain/text/cut.ts'

/** Whether a value of TOML is a table. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** What a value of TOML is, as in "and is a number". */
export function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value instanceof TomlDate) return 'a date without quotes'
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'boolean') return 'true or false'
  return isTable(value) ? 'a table' : 'a number'
}

/** Quotes a text of a script for a sentence, cut to what fits there. */
export function shown(text: string): string {
  return JSON.stringify(cutText(text, 100))
}
