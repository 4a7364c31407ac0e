import { parse, TomlError } from 'smol-toml'
import { cutText } from '../../../domain/text/cut.ts'
import type { ScriptHeader } from './header.ts'
import { isTable, shown } from './toml-value.ts'

/** What is known before money about the lock of a script. Whether it is stale is not: only uv can say. */
export interface LockReview {
  readonly found: string
  /** One sentence: what stops the Job, then what to do; null when nothing. */
  readonly problem: string | null
  /** One sentence; null when there is nothing to warn of. */
  readonly warning: string | null
}

/** The index that uv uses without another. https://docs.astral.sh/uv/concepts/indexes/ */
const publicIndex = 'https://pypi.org/simple'

/** https://docs.astral.sh/uv/reference/environment/ */
const indexVariables = ['UV_DEFAULT_INDEX', 'UV_INDEX', 'UV_INDEX_URL', 'UV_EXTRA_INDEX_URL']

/** The only version of the format that uv reads. https://docs.astral.sh/uv/concepts/resolution/#lockfile-versioning */
const knownVersion = 1

/**
 * Reads the lock that uv made for a script. Never throws.
 *
 * @param options.path the lock's path, for messages
 * @param options.environment the Job's: its variables of uv may name an index
 */
export function reviewLock(options: {
  path: string
  text: string
  header: ScriptHeader
  environment: Readonly<Record<string, string>>
}): LockReview {
  const { path, text, header, environment } = options
  const remake = `run uv lock --script ${path.replace(/\.lock$/, '')} again`
  const content = readLock(text)
  if (typeof content === 'string') {
    return {
      found: 'not possible',
      problem: `${path} is not a lock of uv (${content}): ${remake}.`,
      warning: null,
    }
  }
  const { version, package: packages } = content
  if (version !== knownVersion) {
    const problem = `${path} is not a lock that uv can use (it must say version = ${knownVersion}): ${remake}.`
    return { found: 'not possible', problem, warning: null }
  }
  const list: readonly unknown[] = Array.isArray(packages) ? packages : []
  const named = indexVariables.flatMap((name) => (environment[name] ?? '').split(/\s+/))
  const allowed = [publicIndex, ...header.uv.indexes, ...named].map(plainUrl)
  const other = list.map(registryOf).find((url) => url !== null && !allowed.includes(plainUrl(url))) ?? null
  return {
    found: `${list.length} locked`,
    problem: null,
    warning:
      other === null
        ? null
        : `${path} was made with the package index ${shown(withoutUser(other))}, which the Job may not reach: make it with the public index, or name the index under [[tool.uv.index]] in the header.`,
  }
}

function readLock(text: string): Readonly<Record<string, unknown>> | string {
  if (/^<{7}/m.test(text)) return 'it has the marks of a merge conflict'
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    return cutText(`TOML error at line ${error.line}, column ${error.column}`, 100)
  }
}

function registryOf(entry: unknown): string | null {
  const source = isTable(entry) ? entry.source : null
  return isTable(source) && typeof source.registry === 'string' ? source.registry : null
}

function plainUrl(url: string): string {
  return withoutUser(url.toLowerCase()).replace(/\/$/, '')
}

/** The user and password of a URL are not shown. */
function withoutUser(url: string): string {
  return url.replace(/^([a-z]{1,10}:\/\/)[^/@]*@/i, '$1')
}
