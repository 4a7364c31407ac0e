import { datasetInfo } from '@huggingface/hub'
import * as z from 'zod/mini'
import { readTime } from '../domain/text/format.ts'
import { Refused } from '../domain/verdict.ts'
import type { Visibility } from '../domain/visibility.ts'
import { nextSentence } from '../http/answers/refusal-text.ts'
import { HttpError } from '../http/errors.ts'
import type { Hub } from './hub.ts'
import { adviseOnHub, describeHubAnswer, isHidden } from './refusals.ts'

/** A dataset at one revision. */
export interface DatasetAt {
  /** The full commit sha that the branch or sha resolves to. */
  readonly revision: string
  /** `unknown` when the Hub's answer does not say. */
  readonly visibility: Visibility
  /** Whether its files are only for accounts that accepted its conditions; null where the Hub does not say. */
  readonly isGated: boolean | null
  /** The Hub's id of the dataset, which survives a rename; null where the Hub does not say. */
  readonly id: string | null
  /** `namespace/name`, as it is today: the Hub redirects from the name before a rename. */
  readonly name: string
}

/**
 * Looks up a dataset at a branch or a commit.
 * https://huggingface.co/docs/hub/api#get-apidatasetsrepoidrevisionrevision
 *
 * @param options.dataset `namespace/name`
 * @param options.revision a branch name or a full commit sha; left out: the default branch
 * @returns null when the dataset exists and the revision does not
 * @throws Refused when hf-token may not read the dataset; HttpError or NoAnswerError when the Hub fails
 */
export async function findDataset(
  hub: Hub,
  options: { dataset: string; revision?: string; signal?: AbortSignal | undefined },
): Promise<DatasetAt | null> {
  const { dataset, revision, signal } = options
  try {
    const info = await datasetInfo({
      name: dataset,
      ...(revision === undefined ? {} : { revision }),
      additionalFields: ['sha'],
      ...hub.access(signal),
    })
    if (!isText(info.sha)) throw new Error("The Hub's answer about the dataset has an unknown form.")
    return {
      revision: info.sha,
      visibility: visibilityOf(info.private),
      isGated: gatedOf(info.gated),
      id: isText(info.id) ? info.id : null,
      name: isText(info.name) ? info.name : dataset,
    }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    if (error.code === 'RevisionNotFound') return null
    throw explainRefusal(error, hub)
  }
}

/** The client returns the Hub's values unchecked. */
function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/** The client returns the Hub's value unchecked, so it may differ from the declared type. */
function visibilityOf(isPrivate: unknown): Visibility {
  if (typeof isPrivate !== 'boolean') return 'unknown'
  return isPrivate ? 'private' : 'public'
}

/** `auto` and `manual` say how access is given. https://huggingface.co/docs/hub/datasets-gated */
function gatedOf(gated: unknown): boolean | null {
  if (typeof gated === 'boolean') return gated
  return typeof gated === 'string' ? true : null
}

/** Refused with the Hub's own words; what passes by itself is returned unchanged. */
function explainRefusal(error: HttpError, hub: Hub): Error {
  if (!isHidden(error)) return error
  const rights = "give hf-token read access to the dataset's contents"
  const missing = `check input-dataset, and ${rights}`
  // The owner of a private dataset is not named.
  const owner = "the dataset's organisation"
  const advice = adviseOnHub(error, { hubUrl: hub.url, owner, rights, missing })
  const what =
    advice === missing
      ? 'The dataset does not exist, or hf-token may not read it'
      : 'The dataset cannot be read with hf-token'
  return new Refused(`${what} (${describeHubAnswer(error)}).${nextSentence(advice)}`, { cause: error })
}

const commitsSchema = z.array(z.object({ id: z.string(), date: z.string() }))

/**
 * When the oldest commit after another was made, by the first page of the Hub's commit list.
 *
 * @param options.after a commit; null: all commits of the page count
 * @returns milliseconds since the epoch; null when no commit came after it
 */
export async function oldestCommitAfter(
  hub: Hub,
  options: { dataset: string; branch: string; after: string | null; signal: AbortSignal },
): Promise<number | null> {
  const { dataset, branch, after, signal } = options
  const path = `/api/datasets/${dataset}/commits/${encodeURIComponent(branch)}`
  const commits = await hub.api.call({ method: 'GET', path, answer: commitsSchema, signal })
  const index = commits.findIndex(({ id }) => id === after)
  const newer = index === -1 ? commits : commits.slice(0, index)
  const dates = newer.flatMap(({ date }) => readTime(date) ?? [])
  return dates.length === 0 ? null : Math.min(...dates)
}
