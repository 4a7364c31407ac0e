import { commit, downloadFile, modelInfo } from '@huggingface/hub'
import { HttpError, NoAnswerError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** A model card, and who reads it. */
export interface ModelCard {
  /** The text of README.md; empty when there is none. */
  readonly text: string
  readonly private: boolean
}

/** How often the card is read again because somebody else wrote in between, or an answer was lost. */
const maxTries = 3

/** More is no card that a person wrote. */
const maxCardBytes = 2_000_000

/**
 * Changes the README.md of a model on its main branch, and only if nobody else did in between.
 * https://huggingface.co/docs/hub/model-cards
 *
 * @param options.model `namespace/name`
 * @param options.change the new text; it is asked again when somebody else wrote in between
 * @returns whether anything was written: nothing is where the text is the same
 * @throws HttpError or NoAnswerError when the Hub does not take it
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
    // After a lost answer the same text means that it was ours.
    if (text === card.text) return lost ? 'written' : 'unchanged'
    try {
      await writeCard(hub, { model, text, parent: revision, signal })
      return 'written'
    } catch (error) {
      if (tries === maxTries || !isWorthAnother(error)) throw error
      lost = true
    }
  }
}

async function readCard(hub: Hub, { model, signal }: { model: string; signal: AbortSignal }) {
  const access = hub.access(signal)
  const info = await modelInfo({ name: model, additionalFields: ['sha'], ...access })
  const repo = { type: 'model', name: model } as const
  const file = await downloadFile({ repo, path: 'README.md', revision: info.sha, ...access }).catch(ifMissing)
  if (file !== null && file.size > maxCardBytes) throw new Error('the README.md of the model is too large')
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
    title: 'Say where this model comes from',
    operations: [{ operation: 'addOrUpdate', path: 'README.md', content: new Blob([text]) }],
    branch: 'main',
    parentCommit: parent,
    ...hub.access(signal),
    abortSignal: signal,
  })
}

/** A commit in between is refused with 412 or 409; when an answer was lost, the card says what came of it. */
function isWorthAnother(error: unknown): boolean {
  if (error instanceof HttpError) return error.status === 412 || error.status === 409 || error.status >= 500
  return error instanceof NoAnswerError
}
