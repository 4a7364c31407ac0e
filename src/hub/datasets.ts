import { datasetInfo } from '@huggingface/hub'
import { Refused } from '../domain/verdict.ts'
import type { Visibility } from '../domain/visibility.ts'
import { HttpError } from '../http/errors.ts'
import type { Hub } from './hub.ts'

/** A dataset as it is at one revision. */
export interface DatasetAt {
  /** The full commit sha that the branch or sha stands for. */
  readonly revision: string
  /** `unknown` where the Hub does not say. */
  readonly visibility: Visibility
}

/**
 * Looks a dataset up at a branch or a commit.
 * https://huggingface.co/docs/hub/api#get-apidatasetsrepoidrevisionrevision
 *
 * @param options.dataset `namespace/name`
 * @param options.revision a branch name or a full commit sha
 * @returns null when the dataset is there and the revision is not
 * @throws Refused when hf-token may not read the dataset; HttpError or NoAnswerError when the Hub does not answer
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
    throw explain(error, hub)
  }
}

/** The client passes on what the Hub says, whatever its types promise. */
function visibilityOf(isPrivate: unknown): Visibility {
  if (typeof isPrivate !== 'boolean') return 'unknown'
  return isPrivate ? 'private' : 'public'
}

function explain(error: HttpError, hub: Hub): Error {
  const { status, requestId } = error
  const said = `the Hub answered ${status}${requestId === null ? '' : `, request id ${requestId}`}`
  if (status === 401) {
    return new Refused(
      `hf-token is not accepted (${said}): it is wrong, expired or revoked; ` +
        `make a new one at ${hub.url}/settings/tokens and store it as the secret.`,
      { cause: error },
    )
  }
  if (status === 403 || status === 404) {
    return new Refused(
      `The dataset is not there, or hf-token may not read it (${said}): check input-dataset, ` +
        'and give the token read access to the contents of that dataset.',
      { cause: error },
    )
  }
  return error
}
