import { nextSentence } from '../http/answers/refusal-text.ts'
import { HttpError } from '../http/errors.ts'
import type { Hub } from '../hub/hub.ts'
import { adviseOnHub, describeHubAnswer } from '../hub/refusals.ts'

/** The model cannot be published, and would not be by another try: a setting, a right or the model has to change. */
export class CannotPublish extends Error {
  override readonly name = 'CannotPublish'
}

/** What was asked of the Hub. */
type Ask =
  | { readonly what: 'create' | 'write'; readonly model: string }
  | { readonly what: 'read'; readonly model: string }

const sentences: Record<Ask['what'], (model: string) => string> = {
  create: (model) => `The Hub does not let hf-token create the model ${model}`,
  write: (model) => `The Hub does not let hf-token write the model ${model}`,
  read: () => "The Hub does not let hf-token read the run's model",
}

/** What a token with the contributor permission may do, as a sentence. https://huggingface.co/docs/hub/security-tokens */
export const contributorRule = 'A contributor token may write only repositories that the same token made.'

/**
 * Runs a step, and explains a refusal of the Hub that another try would not change.
 *
 * @param ask what the step asks of the Hub, or how its answer shows that; a run's model is not named: it may be private
 * @returns what the step returns
 * @throws CannotPublish for a refusal; every other error as it is
 */
export async function explained<T>(
  hub: Hub,
  ask: Ask | ((refusal: HttpError) => Ask),
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof HttpError) || !isFinal(error, hub)) throw error
    throw explainRefusal(error, { hub, ask: typeof ask === 'function' ? ask(error) : ask })
  }
}

/**
 * Whether an answer is a no that stays one. A conflict means that the model changed in between, and storage refuses
 * addresses that are too old.
 */
function isFinal({ status, isLimit, address }: HttpError, { url }: Hub): boolean {
  const isRefusal = !isLimit && status >= 300 && status < 500 && ![408, 409, 412].includes(status)
  return isRefusal && address.startsWith(`${url}/`)
}

function explainRefusal(error: HttpError, { hub, ask }: { hub: Hub; ask: Ask }): CannotPublish {
  const { what, model } = ask
  const said = describeHubAnswer(error)
  if (what === 'read' && error.code === 'RevisionNotFound') {
    return new CannotPublish(`The run's model no longer has the commit that was trained (${said}).`, {
      cause: error,
    })
  }
  if (what === 'write' && error.status < 400) {
    return new CannotPublish(`The model ${model} was renamed (${said}). Set publish-to to its new name.`, {
      cause: error,
    })
  }
  if (![401, 403, 404].includes(error.status)) {
    return new CannotPublish(`The Hub does not accept the publication (${said}).`, { cause: error })
  }
  const owner = model.split('/')[0] ?? model
  const rights = rightsFor(what, { model, owner })
  const missing = `${what === 'write' ? 'check publish-to, and ' : ''}${rights}`
  const known = adviseOnHub(error, { hubUrl: hub.url, owner, rights, missing })
  // The Hub's words for a contributor's refusal are not documented.
  const mayBeContributor = what === 'write' && error.status === 403 && (known === null || known === rights)
  const advice = nextSentence(known ?? (error.status === 403 ? rights : missing))
  return new CannotPublish(
    `${sentences[what](model)} (${said}).${advice}${mayBeContributor ? ` ${contributorRule}` : ''}`,
    { cause: error },
  )
}

function rightsFor(what: Ask['what'], { model, owner }: { model: string; owner: string }): string {
  if (what === 'create') {
    return `give hf-token the permission to create repositories in ${owner} (repo.write or the contributor permission)`
  }
  if (what === 'write') return `give hf-token write access to ${model} (repo.write)`
  return "give hf-token read access to the contents of the run's model"
}
