import { datasetInfo } from '@huggingface/hub'
import { Refused } from '../domain/verdict.ts'
import type { Visibility } from '../domain/visibility.ts'
import { HttpError } from '../http/errors.ts'
import type { Hub } from './hub.ts'

/** A dataset at one revision. */
export interface DatasetAt {
  /** The full commit sha that the branch or sha resolves to. */
  readonly revision: string
  /** `unknown` when the Hub's answer does not say. */
  readonly visibility: Visibility
}

/**
 * Looks up a dataset at a branch or a commit.
 * https://huggingface.co/docs/hub/api#get-apidatasetsrepoidrevisionrevision
 *
 * @param options.dataset `namespace/name`
 * @param options.revision a branch name or a full commit sha
 * @returns null when the dataset exists and the revision does not
 * @throws Refused when hf-token may not read the dataset; HttpError or NoAnswerError when the Hub fails
 */
export async function findDataset(
  hub: Hub,
  options: { dataset: string; revision: string; signal?: AbortSignal | undefined },
): Promise<DatasetAt | null> {
  const { dataset, revision, signal } = options
  try {
    const info = await datasetInfo({
      name: dataset,
      revision,
      additionalFields: ['sha'],
      ...hub.access(signal),
    })
    return { revision: info.sha, visibility: visibilityOf(info.private) }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    if (error.code === 'RevisionNotFound') return null
    throw explainRefusal(error, hub)
  }
}

/** The client returns the Hub's value unchecked, so it may differ from the declared type. */
function visibilityOf(isPrivate: unknown): Visibility {
  if (typeof isPrivate !== 'boolean') return 'unknown'
  return isPrivate ? 'private' : 'public'
}

function explainRefusal(error: HttpError, hub: Hub): Error {
  const { status, requestId } = error
  const answer = `the Hub answered ${status}${requestId === null ? '' : `, request id ${requestId}`}`
  if (status === 401) {
    return new Refused(
      `hf-token is not accepted (${answer}): it is wrong, expired or revoked; ` +
        `create a new one at ${hub.url}/settings/tokens and store it as the secret.`,
      { cause: error },
    )
  }
  if (status === 403 || status === 404) {
    return new Refused(
      `The dataset does not exist, or hf-token may not read it (${answer}): check input-dataset, ` +
        "and give the token read access to the dataset's contents.",
      { cause: error },
    )
  }
  return error
}
