import { type Change, changeBetween } from '../../domain/change/change.ts'
import { type DataFacts, type FileVersion, isSameData } from '../../domain/data.ts'
import { messageOf } from '../../domain/error-message.ts'
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
  return { revision, files, facts: factsOf(work, files) }
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

function factsOf(work: Work, files: readonly FileVersion[]): DataFacts {
  const { paths, pathsIgnore } = work.recipe
  return dataFacts(files, {
    isRelevant: pathRule({ paths, pathsIgnore }),
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
 * What changed since an attempt, for plan, summary and discussion. It only shows: where the older revision cannot be
 * listed, everything counts as new.
 */
export async function changeSince(
  work: Work,
  data: RevisionData,
  { base, listed }: { base: Entry | null; listed: RevisionData | null },
): Promise<Change> {
  const { paths, pathsIgnore } = work.recipe
  const { signal } = work.tools
  const from =
    listed ??
    (base === null
      ? null
      : await readData(work, base.record.revision).catch(() => {
          signal.throwIfAborted()
          return null
        }))
  return changeBetween({ from, to: data.files, isRelevant: pathRule({ paths, pathsIgnore }) })
}
