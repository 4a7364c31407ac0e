import { revisionPattern } from '../domain/revision.ts'

/**
 * Where the ledger lives in the workflow's repository. Should a server refuse refs outside of branches and tags,
 * `refs/tags/auto-retrain/` is the alternative, and this is the one line to change.
 */
export const ledgerPrefix = 'refs/auto-retrain/'

/** A revision, and for each attempt but the first its number. */
const claimPattern = /^([^-]*)(?:-([2-9]|[1-9]\d{1,8}))?$/
const publicationPattern = /^publish\/([1-9]\d{0,8})(?:-([2-9]|done))?$/
const dayPattern = /^day\/(\d{4}-\d{2}-\d{2})\/([1-9]\d{0,8})$/

/** What the name of a recipe's ref says. */
export type LedgerRef =
  | { readonly kind: 'claim'; readonly revision: string; readonly attempt: number }
  | { readonly kind: 'day'; readonly date: string; readonly n: number }
  | { readonly kind: 'renamed' }
  | { readonly kind: 'publication'; readonly n: number; readonly part: PublicationPart }

/** A try at a publication, from 1, or its end. */
type PublicationPart = number | 'done'

/**
 * The ref whose creation is the claim on an attempt at a revision.
 *
 * @throws Error when the revision is no full commit sha, or the attempt no positive integer
 */
export function claimRef(key: string, revision: string, attempt: number): string {
  const name = attempt === 1 ? revision : `${revision}-${attempt}`
  if (readClaim(name) === null) {
    throw new Error(`no claim can be made on attempt ${attempt} at revision ${JSON.stringify(revision)}`)
  }
  return `${ledgerPrefix}${key}/${name}`
}

/**
 * The ref whose creation takes the n-th run of a day.
 *
 * @param date `YYYY-MM-DD`, UTC
 */
export function dayRef(key: string, date: string, n: number): string {
  return `${ledgerPrefix}${key}/day/${date}/${n}`
}

/**
 * The ref whose creation reserves the name of a run's model, for whatever recipe.
 *
 * @param hash 16 hex digits of SHA-256 over `namespace/project`
 */
export function modelRef(hash: string): string {
  return `${ledgerPrefix}model/${hash}`
}

/** The ref that a recipe whose dataset was renamed leaves in its new key's place: its tag names the old key. */
export function renamedRef(key: string): string {
  return `${ledgerPrefix}${key}/renamed`
}

/**
 * The ref whose creation begins the n-th publication of a recipe, another try at it, or ends it.
 *
 * @param part the number of the try, from 1, or `done`
 */
export function publicationRef(key: string, n: number, part: PublicationPart): string {
  return `${ledgerPrefix}${key}/publish/${n}${part === 1 ? '' : `-${part}`}`
}

/** Reads the name of a recipe's ref; null for one that the ledger did not make. */
export function parseRef(key: string, ref: string): LedgerRef | null {
  const prefix = `${ledgerPrefix}${key}/`
  if (!ref.startsWith(prefix)) return null
  const name = ref.slice(prefix.length)
  if (name === 'renamed') return { kind: 'renamed' }
  const claim = readClaim(name)
  if (claim !== null) return claim
  const publication = publicationPattern.exec(name)
  if (publication?.[1] !== undefined) {
    const [, n, part = '1'] = publication
    return { kind: 'publication', n: Number(n), part: part === 'done' ? part : Number(part) }
  }
  const day = dayPattern.exec(name)
  if (day?.[1] !== undefined) return { kind: 'day', date: day[1], n: Number(day[2]) }
  return null
}

function readClaim(name: string): (LedgerRef & { kind: 'claim' }) | null {
  const [, revision = '', attempt = '1'] = claimPattern.exec(name) ?? []
  return revisionPattern.test(revision) ? { kind: 'claim', revision, attempt: Number(attempt) } : null
}
