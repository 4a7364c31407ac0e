import { revisionPattern } from '../domain/revision.ts'

/**
 * The namespace of the ledger's refs. If a server rejects refs outside of branches and tags, change it to
 * `refs/tags/auto-retrain/`.
 */
export const ledgerPrefix = 'refs/auto-retrain/'

/** A revision, then the number of the attempt from the second one on. */
const claimPattern = /^([0-9a-f]+)(?:-([2-9]|[1-9]\d{1,8}))?$/
const dayPattern = /^day\/(\d{4}-\d{2}-\d{2})\/([1-9]\d{0,8})$/

/** The parsed name of a ref of the ledger. */
export type LedgerRef =
  | { readonly kind: 'claim'; readonly revision: string; readonly attempt: number }
  | { readonly kind: 'day'; readonly date: string; readonly n: number }

/**
 * The ref whose creation claims an attempt at a revision.
 *
 * @throws Error when the revision is not a full commit sha, or the attempt not a positive integer
 */
export function claimRef(key: string, revision: string, attempt: number): string {
  const name = attempt === 1 ? revision : `${revision}-${attempt}`
  if (parseClaim(name) === null) {
    throw new Error(`invalid claim: attempt ${attempt} at revision ${JSON.stringify(revision)}`)
  }
  return `${ledgerPrefix}${key}/${name}`
}

/**
 * The ref whose creation takes the n-th slot of a day.
 *
 * @param date `YYYY-MM-DD`, in UTC
 */
export function dayRef(key: string, date: string, n: number): string {
  return `${ledgerPrefix}${key}/day/${date}/${n}`
}

/** Parses the name of a recipe's ref; null when it is not one of the ledger. */
export function parseRef(key: string, ref: string): LedgerRef | null {
  const prefix = `${ledgerPrefix}${key}/`
  if (!ref.startsWith(prefix)) return null
  const name = ref.slice(prefix.length)
  const claim = parseClaim(name)
  if (claim !== null) return claim
  const day = dayPattern.exec(name)
  if (day?.[1] !== undefined) return { kind: 'day', date: day[1], n: Number(day[2]) }
  return null
}

function parseClaim(name: string): Extract<LedgerRef, { kind: 'claim' }> | null {
  const [, revision, attempt = '1'] = claimPattern.exec(name) ?? []
  if (revision === undefined || !revisionPattern.test(revision)) return null
  return { kind: 'claim', revision, attempt: Number(attempt) }
}
