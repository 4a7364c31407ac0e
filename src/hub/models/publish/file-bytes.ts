import type { Hub } from '../../hub.ts'
import { blobId } from '../same-files.ts'

/**
 * Reads a file that a model keeps in git, whole.
 *
 * @param options.revision a full sha
 * @param options.blobId git's id of the content, which it is held to
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer; Error when other bytes arrived
 */
export async function readModelBytes(
  hub: Hub,
  options: {
    model: string
    revision: string
    path: string
    blobId: string
    signal?: AbortSignal | undefined
  },
): Promise<Uint8Array> {
  const { model, revision, path, blobId: id, signal } = options
  const address = [...model.split('/'), 'resolve', revision, ...path.split('/')].map(encodeURIComponent)
  const response = await hub.fetchFor(signal)(`${hub.url}/${address.join('/')}`, {
    headers: { authorization: `Bearer ${hub.token}` },
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (blobId(bytes) !== id)
    throw new Error('The Hub answered with other bytes of a small file than the model lists.')
  return bytes
}
