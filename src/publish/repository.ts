import { createRepo } from '@huggingface/hub'
import { HttpError } from '../http/errors.ts'
import type { Hub } from '../hub/hub.ts'
import { recentModelCommits } from '../hub/models/commits.ts'
import { findModel } from '../hub/models/models.ts'
import { listModelVersion } from '../hub/models/publish/version.ts'
import { modelTree } from './published-files.ts'
import { CannotPublish, contributorRule, explained } from './refusals.ts'

/**
 * Creates the stable model, private. One that is there already is used if it is private and empty: it may be what an
 * earlier try left.
 *
 * @param options.model `namespace/name`
 * @returns the commit that it begins with
 * @throws CannotPublish when the token may not create it, or there is a model that is not empty or not private;
 *   HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function createPublishedModel(
  hub: Hub,
  { model, signal }: { model: string; signal?: AbortSignal | undefined },
): Promise<string> {
  await explained(hub, { what: 'create', model }, () => create(hub, { model, signal }))
  const [head] = await recentModelCommits(hub, { model, limit: 1, signal })
  if (head === undefined) throw new Error(`The Hub does not say at which commit ${model} is.`)
  return head.id
}

async function create(
  hub: Hub,
  { model, signal }: { model: string; signal?: AbortSignal | undefined },
): Promise<void> {
  try {
    await createRepo({ repo: { type: 'model', name: model }, private: true, ...hub.access(signal) })
  } catch (error) {
    signal?.throwIfAborted()
    const isTaken = error instanceof HttpError && error.status === 409
    if (error instanceof HttpError && error.status < 500 && !isTaken) throw error
    if (!(await isThere(hub, { model, signal }))) throw isTaken ? hidden(model, error) : error
  }
  // An organisation's settings may decide otherwise than the request.
  const found = await findModel(hub, { model, signal })
  if (found?.visibility !== 'private') {
    throw new CannotPublish(
      `The model ${model} exists and is not private. Set publish-to to another name, or make it private first.`,
    )
  }
}

function hidden(model: string, cause: HttpError): CannotPublish {
  return new CannotPublish(
    `The model ${model} exists already, and hf-token may not read it. Give hf-token write access to it (repo.write), or set publish-to to another name. ${contributorRule}`,
    { cause },
  )
}

/** Whether the model exists after all. */
async function isThere(
  hub: Hub,
  { model, signal }: { model: string; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const found = await findModel(hub, { model, signal })
  if (found === null) return false
  if (found.head === null) throw new Error(`The Hub does not say at which commit ${model} is.`)
  const files = await listModelVersion(hub, { model, revision: found.head, signal })
  if (modelTree(files).length === 0) return true
  throw new CannotPublish(
    `The model ${model} exists already, and has files. Set publish-to to another name, or publish-over to write over it.`,
  )
}
