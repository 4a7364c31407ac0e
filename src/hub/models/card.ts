import { commit, downloadFile, modelInfo } from '@huggingface/hub'
import { formatBytes } from '../../domain/text/format.ts'
import { HttpError, NoAnswerError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** A model card and its visibility. */
export interface ModelCard {
  /** The text of README.md; empty without the file. */
  readonly text: string
  readonly private: boolean
}

/** How often to try when another commit came in between or an answer was lost. */
const maxTries = 3

/** Far above the size of any model card. */
const maxCardBytes = 2_000_000

/**
 * Changes the README.md of a model on its main branch without overwriting commits that come in between.
 * https://huggingface.co/docs/hub/model-cards
 *
 * @param options.model `namespace/name`
 * @param options.change returns the new text; called again when another commit came in between
 * @returns `unchanged` when the text is already the same
 * @throws HttpError or NoAnswerError when the Hub does not accept the commit; Error when the README.md is too large
 */
export async function changeModelCard(
  hub: Hub,
  options: { model: string; change: (card: ModelCard) => string; signal: AbortSignal },
): Promise<'written' | 'unchanged'> {
  const { model, change, signal } = options
  let lost = false
  for (let tries = 1; ; tries += 1) {
    const { card, revision } = await readCard(hub, { model, signal })
    const text = change(card)
    // After a lost answer, the same text means that our commit was written.
    if (text === card.text) return lost ? 'written' : 'unchanged'
    try {
      await writeCard(hub, { model, text, parent: revision, signal })
      return 'written'
    } catch (error) {
      if (tries === maxTries || !mayTryAgain(error)) throw error
      lost = true
    }
  }
}

async function readCard(hub: Hub, { model, signal }: { model: string; signal: AbortSignal }) {
  const access = hub.access(signal)
  const info = await modelInfo({ name: model, additionalFields: ['sha'], ...access })
  const repo = { type: 'model', name: model } as const
  const file = await downloadFile({ repo, path: 'README.md', revision: info.sha, ...access }).catch(ifMissing)
  if (file !== null && file.size > maxCardBytes)
    throw new Error(`the model's README.md is larger than ${formatBytes(maxCardBytes)}`)
  const card: ModelCard = { text: file === null ? '' : await file.text(), private: info.private }
  return { card, revision: info.sha }
}

function ifMissing(error: unknown): null {
  if (error instanceof HttpError && error.status === 404) return null
  throw error
}

async function writeCard(
  hub: Hub,
  options: { model: string; text: string; parent: string; signal: AbortSignal },
): Promise<void> {
  const { model, text, parent, signal } = options
  await commit({
    repo: { type: 'model', name: model },
    title: 'Describe where this model comes from',
    operations: [{ operation: 'addOrUpdate', path: 'README.md', content: new Blob([text]) }],
    branch: 'main',
    parentCommit: parent,
    ...hub.access(signal),
    abortSignal: signal,
  })
}

/** 412 and 409 mean that another commit came in between; after a lost answer, reading the card shows the result. */
function mayTryAgain(error: unknown): boolean {
  if (error instanceof HttpError) return error.status === 412 || error.status === 409 || error.status >= 500
  return error instanceof NoAnswerError
}
