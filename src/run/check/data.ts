import { type Change, changeBetween } from '../../domain/change/change.ts'
import { classFolders } from '../../domain/change/class-folders.ts'
import { createFolderTally } from '../../domain/change/folders.ts'
import { type DataFacts, type FileVersion, isSameData } from '../../domain/data.ts'
import { messageOf } from '../../domain/error-message.ts'
import { shortRevision } from '../../domain/revision.ts'
import { Refused } from '../../domain/verdict.ts'
import { HttpError } from '../../http/errors.ts'
import { listDatasetFiles } from '../../hub/dataset-files.ts'
import type { Entry } from '../../ledger/entry.ts'
import { dataFacts, rulesDigest } from '../../recipe/data-digest.ts'
import { pathRule } from '../../recipe/paths.ts'
import { mayNameDataset, type Work } from '../work.ts'

/** A revision's files and the facts about the relevant ones. */
export interface RevisionData {
  readonly revision: string
  readonly files: readonly FileVersion[]
  /** Those that the path rules let through. */
  readonly relevant: readonly FileVersion[]
  readonly facts: DataFacts
}

/**
 * Lists the files of a revision, once.
 *
 * @throws HttpError or NoAnswerError when the Hub does not answer: then nothing may be trained
 */
async function readData(work: Work, revision: string): Promise<RevisionData> {
  const { recipe, tools } = work
  const dataset = recipe.inputDataset
  const files = await listDatasetFiles(tools.hub, { dataset, revision, signal: tools.signal })
  const { paths, pathsIgnore } = recipe
  const isRelevant = pathRule({ paths, pathsIgnore })
  const relevant = files.filter(({ path }) => isRelevant(path))
  return { revision, files, relevant, facts: factsOf(work, relevant) }
}

/**
 * As {@link readData}, for the revision that is to be trained.
 *
 * @throws Error that says that nothing was started
 */
export async function readNewData(work: Work, revision: string): Promise<RevisionData> {
  try {
    return await readData(work, revision)
  } catch (cause) {
    work.tools.signal.throwIfAborted()
    if (cause instanceof Refused) throw cause
    const message = `The files of the dataset could not be listed, so nothing was started: ${messageOf(cause)}`
    throw new Error(`${message}. The next check tries again.`, { cause })
  }
}

function factsOf(work: Work, relevant: readonly FileVersion[]): DataFacts {
  const { paths, pathsIgnore } = work.recipe
  return dataFacts(relevant, {
    isRelevant: () => true,
    rules: { paths, pathsIgnore },
    namesClasses: mayNameDataset(work),
  })
}

/** Whether nothing relevant changed since an attempt, and what did where its files had to be listed. */
export interface Compared {
  readonly isSame: boolean
  readonly base: RevisionData | null
}

/**
 * Compares a revision with an earlier attempt: by the digests alone where the attempt's record has one under today's
 * path rules, else by listing its revision. A revision that the Hub no longer has counts as changed.
 */
export async function compareWith(work: Work, data: RevisionData, { record }: Entry): Promise<Compared> {
  const { paths, pathsIgnore } = work.recipe
  if (record.revision === data.revision) return { isSame: true, base: null }
  if (record.data !== null && record.data.rules === rulesDigest({ paths, pathsIgnore })) {
    return { isSame: isSameData(record.data, data.facts), base: null }
  }
  const base = await readIfThere(work, record.revision)
  return { isSame: base !== null && isSameData(base.facts, data.facts), base }
}

async function readIfThere(work: Work, revision: string): Promise<RevisionData | null> {
  try {
    return await readData(work, revision)
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

/**
 * The files of the attempt that the data is compared with, to show and to count what changed.
 *
 * @param options.listed its files, where they were listed already
 * @param options.mustKnow whether an answer decides what is started, so that an outage may not pass for "all is new"
 * @returns null without such an attempt, and where its revision cannot be listed
 * @throws Error that says that nothing was started, where it must be known
 */
export async function readBase(
  work: Work,
  { base, listed, mustKnow }: { base: Entry | null; listed: RevisionData | null; mustKnow: boolean },
): Promise<RevisionData | null> {
  if (listed !== null || base === null) return listed
  const { revision } = base.record
  try {
    return await (mustKnow ? readIfThere(work, revision) : readData(work, revision))
  } catch (cause) {
    work.tools.signal.throwIfAborted()
    if (!mustKnow) return null
    const message =
      `How many files changed since ${shortRevision(revision)} could not be found out, so nothing was started: ` +
      `${messageOf(cause)}. The next check tries again.`
    throw new Error(message, { cause })
  }
}

/**
 * What changed since an attempt, for plan, summary and discussion. Where its revision could not be listed, everything
 * counts as new, and its record says how much data there was.
 */
export function changeSince(
  work: Work,
  data: RevisionData,
  { base, listed }: { base: Entry | null; listed: RevisionData | null },
): Change {
  const { paths, pathsIgnore } = work.recipe
  const tally = createFolderTally()
  const change = changeBetween({
    from: listed,
    to: data.files,
    isRelevant: pathRule({ paths, pathsIgnore }),
    onChange: tally.add,
  })
  const before = base === null ? null : factsBefore(work, { base, listed, data })
  const unlisted = listed === null ? (base?.record.revision ?? null) : null
  const folders = unlisted === null ? tally.result() : null
  const classes = unlisted === null ? [] : classChanges(before?.classes ?? null, data)
  return { ...change, data: { before, after: data.facts, folders, classes, unlisted } }
}

/**
 * The facts about an attempt's relevant files by today's path rules: of its listing, else of its record. Rows are the
 * record's, as long as the recipe reads the same splits.
 *
 * @returns null where the record has none, or has them by other rules
 */
export function factsBefore(
  { hashes }: Pick<Work, 'hashes'>,
  { base: { record }, listed, data }: { base: Entry; listed: RevisionData | null; data: RevisionData },
): DataFacts | null {
  const known = listed === null ? record.data : listed.facts
  if (known === null || known.rules !== data.facts.rules) return null
  const hasRows = isSameData(record.data, known) && record.whatItMakes === hashes.whatItMakes
  return { ...known, rows: hasRows ? (record.data?.rows ?? null) : null }
}

function classChanges(before: DataFacts['classes'], { relevant }: RevisionData) {
  if (before === null) return []
  const now = classFolders(relevant.map(({ path }) => path))
  const names = new Set([...Object.keys(before), ...now.keys()])
  return [...names]
    .map((name) => ({
      name,
      before: (Object.hasOwn(before, name) && before[name]) || 0,
      after: now.get(name) ?? 0,
    }))
    .filter((row) => row.before !== row.after)
}
