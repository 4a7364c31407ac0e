import { shortRevision } from '../../domain/revision.ts'
import type { Entry } from '../../ledger/entry.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import type { PublicationLog } from '../../ledger/publications/publication-log.ts'
import { runName } from './names.ts'

/** A run that `publish-revision` may mean. */
export interface FoundRun {
  readonly entry: Entry
  /** The commit that was published under that tag; null: the run's model as it is now. */
  readonly commit: string | null
}

/** What `publish-revision` found in one recipe. */
export interface FoundRuns {
  /** One for each revision that it may mean. */
  readonly runs: readonly FoundRun[]
  /** What can be published, newest first, as the input takes it. */
  readonly available: readonly string[]
}

/** The digits of a revision, and an attempt's number; as a tag with `data-` before it. */
const pattern = /^(data-)?([0-9a-f]{7,64})(?:-([1-9]\d{0,8}))?$/

/** How many runs a refusal lists. */
const maxListed = 5

/** Whether a text may name a run or a tag. */
export function mayNameRun(text: string): boolean {
  return pattern.test(text) || /^[\w.-]{1,100}$/.test(text)
}

/**
 * Finds the runs that `publish-revision` may mean: 7 to 40 digits of a revision mean its newest success, `1d55c3a-2` its
 * second attempt, and a tag what was published under it.
 *
 * @throws UnreadableRecord, HttpError or NoAnswerError when the ledger cannot be read
 */
export async function findRuns(wanted: string, ledger: RecipeLedger): Promise<FoundRuns> {
  const [recent, log] = await Promise.all([ledger.recent(), ledger.publications.read()])
  const available = [...new Set(recent.filter(isGood).map(({ record }) => runName(record)))]
  const found = { available: available.slice(0, maxListed) }
  const tagged = log.entries.find(({ done }) => done?.end === 'published' && done.tag === wanted)
  if (tagged !== undefined) {
    const { nonce, revision, commit } = tagged.begun.from
    const entry = (await ledger.attempts(revision)).find(({ record }) => record.nonce === nonce)
    if (entry !== undefined) return { runs: [{ entry, commit }], ...found }
  }
  const [, , digits, attempt] = pattern.exec(wanted) ?? []
  if (digits === undefined) return { runs: [], ...found }
  const newest = new Map<string, Entry>()
  for (const entry of (await ledger.attemptsLike(digits)).filter(isGood)) {
    const { record } = entry
    if (attempt !== undefined && record.attempt !== Number(attempt)) continue
    const before = newest.get(record.revision)
    if (before === undefined || record.attempt > before.record.attempt) newest.set(record.revision, entry)
  }
  return { runs: [...newest.values()].map((entry) => ({ entry, commit: commitOf(entry, log) })), ...found }
}

function isGood({ record }: Entry): boolean {
  return record.state === 'succeeded' && record.model !== null
}

/** What was published of a run before is published again: its repository may have other commits by now. */
function commitOf({ record }: Entry, { entries }: PublicationLog): string | null {
  const before = entries.findLast(
    ({ begun, done }) => begun.from.nonce === record.nonce && done?.end === 'published',
  )
  return before?.begun.from.commit ?? null
}

/** Names runs for a sentence, with the digits that tell them apart. */
export function listRuns(runs: readonly FoundRun[]): string {
  const names = runs.map(({ entry }) => entry.record.revision)
  const digits = [7, 12, 20, 40].find(
    (count) => new Set(names.map((name) => name.slice(0, count))).size === names.length,
  )
  return names
    .map((name) => (digits === undefined ? name : name.slice(0, digits) || shortRevision(name)))
    .join(', ')
}
