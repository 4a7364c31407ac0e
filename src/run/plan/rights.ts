import { messageOf } from '../../domain/error-message.ts'
import { type Check, type Finding, runCheck } from '../../domain/plan/checks.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { type Account, readAccount } from '../../hub/account.ts'
import { mayCreateModel, mayDiscuss, mayStartJobs, type Right } from '../../hub/rights.ts'
import type { Work } from '../work.ts'

/** Trainers whose runs are Jobs on the Hub, with hf-token. */
const onJobs: readonly Recipe['trainer'][] = ['autotrain', 'job']

/**
 * Checks by the Hub's own list of its rights whether hf-token can do what a training needs. What cannot be known is
 * said, and stops nothing.
 */
export async function checkRights({ recipe, tools }: Pick<Work, 'recipe' | 'tools'>): Promise<Check[]> {
  const { hub, signal } = tools
  const account = await readAccount(hub, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    return new Error(messageOf(error))
  })
  const { targetNamespace, inputDataset, trainer, expectModel } = recipe
  const jobs = {
    id: 'token-jobs',
    title: `hf-token may start Jobs in ${targetNamespace}`,
    stops: true,
    right: (known: Account) => mayStartJobs(known, targetNamespace),
  }
  const model = {
    id: 'token-model',
    title: `hf-token may create the model in ${targetNamespace}`,
    // A command on the runner may have a token of its own.
    stops: trainer === 'autotrain' || (trainer === 'job' && expectModel),
    right: (known: Account) => mayCreateModel(known, targetNamespace),
  }
  const discussion = {
    id: 'token-discussion',
    title: 'hf-token may open a discussion on the dataset',
    stops: false,
    right: (known: Account) => mayDiscuss(known, { dataset: inputDataset }),
  }
  const asked = [
    ...(onJobs.includes(trainer) ? [jobs] : []),
    ...(expectModel || trainer === 'autotrain' ? [model] : []),
    ...(recipe.discussion === 'off' ? [] : [discussion]),
  ]
  return Promise.all(asked.map((one) => runCheck(one, () => toFinding(account, one))))
}

function toFinding(
  account: Account | Error,
  { right, stops }: { right: (known: Account) => Right; stops: boolean },
): Finding {
  if (account instanceof Error) return { found: `not known: ${account.message}`, verdict: 'unknown' }
  const found = right(account)
  if (found.is === 'yes') return { found: found.why }
  if (found.is === 'unknown') return { found: found.why, verdict: 'unknown' }
  const advice = `hf-token: ${found.why}: ${found.advice}.`
  return { found: found.why, verdict: stops ? 'refused' : 'warned', advice }
}
