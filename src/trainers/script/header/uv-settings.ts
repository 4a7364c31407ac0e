import { validRange } from '@renovatebot/pep440'
import { isTable, shown, typeOf } from './toml-value.ts'

/** What matters here of a script's `[tool.uv]`. https://docs.astral.sh/uv/reference/settings/ */
export interface UvSettings {
  /** Packages published later are not used: a date, a time or a duration; null without. */
  readonly excludeNewer: string | null
  /** The versions of uv that it takes, as PEP 440 specifiers; null for all. */
  readonly requiredVersion: string | null
  /** The URLs of the package indexes that it names. */
  readonly indexes: readonly string[]
  /** The packages that come from a git repository. */
  readonly gitSources: readonly string[]
  /** The packages that come from a path or a workspace. */
  readonly localSources: readonly string[]
}

const dateForm =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ][\d:.]{4,20}(?:Z|[+-]\d{2}:?\d{2})?)?$/i
const durationForm = /^-?(?:P[\dA-Z.,]{1,40}|(?:\d{1,9} ?[a-z]{1,12},? ?){1,8})$/i

/**
 * Reads `[tool.uv]`.
 *
 * @returns the settings; a text says what is wrong, then what to do, as the end of a sentence
 */
export function readUvSettings(table: Readonly<Record<string, unknown>>): UvSettings | string {
  const underscored = Object.keys(table).find((key) => key.includes('_'))
  if (underscored !== undefined) {
    return `[tool.uv] has the unknown key ${shown(underscored)}: write ${shown(underscored.replaceAll('_', '-'))}`
  }
  const { 'exclude-newer': newer, sources } = table
  if (newer !== undefined && (typeof newer !== 'string' || !isPointInTime(newer))) {
    const found = typeof newer === 'string' ? shown(newer) : typeOf(newer)
    return `exclude-newer must be a text with a date, such as "2026-01-31", and is ${found}`
  }
  const requiredVersion = readRequiredVersion(table['required-version'])
  if (requiredVersion === undefined) {
    return 'required-version must be a text with versions of uv, such as ">=0.13"'
  }
  const all = isTable(sources) ? Object.entries(sources) : []
  const from = (keys: readonly string[]) =>
    all.filter(([, source]) => hasAny(source, keys)).map(([name]) => name)
  return {
    excludeNewer: newer ?? null,
    requiredVersion,
    indexes: indexesOf(table),
    gitSources: from(['git']),
    localSources: from(['path', 'workspace']),
  }
}

/** @returns undefined for what uv does not take; a version alone means that one */
function readRequiredVersion(value: unknown): string | null | undefined {
  if (value === undefined) return null
  if (typeof value !== 'string' || value.length > 200) return undefined
  const range = /^\d/.test(value) ? `==${value}` : value
  return validRange(range) ? range : undefined
}

function isPointInTime(text: string): boolean {
  return dateForm.test(text) || durationForm.test(text)
}

/** A source may be a list, with a marker for each. */
function hasAny(source: unknown, keys: readonly string[]): boolean {
  const each: readonly unknown[] = Array.isArray(source) ? source : [source]
  return each.some((one) => isTable(one) && keys.some((key) => Object.hasOwn(one, key)))
}

function indexesOf(table: Readonly<Record<string, unknown>>): string[] {
  const { index, 'index-url': url, 'extra-index-url': extra } = table
  const tables: readonly unknown[] = Array.isArray(index) ? index : []
  const urls: readonly unknown[] = [
    ...tables.map((one) => (isTable(one) ? one.url : null)),
    url,
    ...(Array.isArray(extra) ? extra : [extra]),
  ]
  return urls.filter((one) => typeof one === 'string')
}
