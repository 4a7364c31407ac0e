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

/** A token of the kind "contributor". https://huggingface.co/docs/hub/security-tokens */
const contributorRule =
  'a contributor token may write only repositories that the same token made: publish with the token that made this one, or give hf-token write access to it'

/**
 * Runs a step, and explains a refusal of the Hub that another try would not change.
 *
 * @param ask what the step asks of the Hub; a run's model is not named: it may be private
 * @returns what the step returns
 * @throws CannotPublish for a refusal; every other error as it is
 */
export async function explained<T>(hub: Hub, ask: Ask, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof HttpError && isFinal(error) ? explainRefusal(error, { hub, ask }) : error
  }
}

/** Whether an answer is a no that stays one. A conflict means that the model changed in between. */
function isFinal({ status, isLimit }: HttpError): boolean {
  return !isLimit && status >= 300 && status < 500 && ![408, 409, 412].includes(status)
}

function explainRefusal(error: HttpError, { hub, ask }: { hub: Hub; ask: Ask }): CannotPublish {
  const { what, model } = ask
  const said = describeHubAnswer(error)
  if (error.status < 400) {
    return new CannotPublish(
      `${what === 'read' ? "The run's model" : `The model ${model}`} was renamed (${said}). Put its new name into publish-to.`,
      { cause: error },
    )
  }
  if (![401, 403, 404].includes(error.status)) {
    return new CannotPublish(`The Hub does not accept the publication (${said}).`, { cause: error })
  }
  const owner = model.split('/')[0] ?? model
  const rights = rightsFor(what, { model, owner })
  const missing = `${what === 'write' ? 'check publish-to, and ' : ''}${rights}`
  const known = adviseOnHub(error, { hubUrl: hub.url, owner, rights, missing })
  const isAboutRights = known === null || known === rights
  const advice =
    isAboutRights && error.status === 403 && what === 'write' ? `${rights}; ${contributorRule}` : known
  return new CannotPublish(`${sentences[what](model)} (${said}).${nextSentence(advice ?? missing)}`, {
    cause: error,
  })
}

function rightsFor(what: Ask['what'], { model, owner }: { model: string; owner: string }): string {
  if (what === 'create') {
    return `give hf-token the permission to create repositories in ${owner} (repo.write or the contributor permission)`
  }
  if (what === 'write') return `give hf-token write access to ${model} (repo.write)`
  return "give hf-token read access to the contents of the run's model"
}
