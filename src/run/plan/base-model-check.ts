import { messageOf } from '../../domain/error-message.ts'
import { type Check, type Finding, runCheck } from '../../domain/plan/checks.ts'
import { tableKind } from '../../domain/tasks.ts'
import { HttpError } from '../../http/errors.ts'
import { checkModelAccess, type ModelAt } from '../../hub/models/models.ts'
import { adviseOnHub, describeHubAnswer } from '../../hub/refusals.ts'
import { modelKindCheck } from '../../trainers/autotrain/params/model-kind.ts'
import type { BaseModel } from '../base-model.ts'
import type { Work } from '../work.ts'

/**
 * Checks whether the base model exists and its files may be read: AutoTrain reads it in the Job, with hf-token. A script
 * may have a token of its own, or never read it, so that there a missing one is only said.
 *
 * @param base as it was read with the dataset's head
 */
export async function checkBaseModel(
  { recipe, tools }: Pick<Work, 'recipe' | 'tools'>,
  base: BaseModel,
): Promise<Check[]> {
  // A table is trained by an algorithm, which has no repository.
  if (recipe.trainer === 'autotrain-classic' || tableKind(recipe.task) !== null) return []
  const check = await runCheck({ id: 'base-model', title: 'The base model may be read' }, () =>
    look({ recipe, tools }, base),
  )
  // An image of the recipe may hold the model, or have a token of its own.
  const mayBeElsewhere = recipe.trainer !== 'autotrain' || recipe.image !== null
  const isOnlySaid = mayBeElsewhere && check.verdict === 'refused'
  const { at } = base
  const isRead = at !== 'missing' && !(at instanceof Error)
  const kind = isRead ? modelKindCheck({ recipe, config: at.config, files: at.files }) : null
  return [isOnlySaid ? { ...check, verdict: 'warned' } : check, ...(kind === null ? [] : [kind])]
}

async function look(
  { recipe, tools }: Pick<Work, 'recipe' | 'tools'>,
  { at, visibility }: BaseModel,
): Promise<Finding> {
  const { inputModel: model } = recipe
  if (at instanceof Error) return { found: `not known: ${at.message}`, verdict: 'unknown' }
  if (at === 'missing') {
    return {
      found: 'the Hub shows no such model to hf-token',
      verdict: 'refused',
      advice:
        'input-model: the Hub shows no such model to hf-token: check its name (namespace/name), or use a token that ' +
        'may read it.',
    }
  }
  const found = describe(at, visibility)
  if (at.isGated !== true) return { found }
  const refusal = await checkModelAccess(tools.hub, { model, signal: tools.signal }).then(
    () => null,
    (error: unknown) => {
      tools.signal.throwIfAborted()
      return error
    },
  )
  if (refusal === null) return { found: `${found}, gated, access granted` }
  // A refusal without a word is not the Hub's own: a proxy may have sent it.
  const isClear = refusal instanceof HttpError && (refusal.words !== null || refusal.code !== null)
  if (!isClear || refusal.status !== 403) {
    return { found: `${found}, gated; access not known: ${messageOf(refusal)}`, verdict: 'unknown' }
  }
  const page = `${tools.hub.url}/${model}`
  const ask = `ask for access at ${page}, signed in with the account that hf-token belongs to`
  const advice = adviseOnHub(refusal, {
    hubUrl: tools.hub.url,
    owner: model.split('/')[0] ?? model,
    rights: ask,
    missing: ask,
  })
  return {
    found: `${found}, gated, no access`,
    verdict: 'refused',
    advice: `input-model: the model is gated and hf-token has no access (${describeHubAnswer(refusal)}): ${advice ?? ask}.`,
  }
}

function describe({ pipeline }: ModelAt, visibility: BaseModel['visibility']): string {
  return [visibility === 'unknown' ? 'exists' : visibility, pipeline].filter(Boolean).join(', ')
}
