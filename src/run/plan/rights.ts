import { messageOf } from '../../domain/error-message.ts'
import { type Check, type Finding, runCheck } from '../../domain/plan/checks.ts'
import { expectsModel, type Recipe } from '../../domain/recipe.ts'
import { type Account, readAccount } from '../../hub/account.ts'
import type { Hub } from '../../hub/hub.ts'
import { mayCreateModel, mayDiscuss, mayStartJobs, type Right } from '../../hub/rights.ts'
import type { Work } from '../work.ts'

/** Trainers whose runs are Jobs on the Hub, with hf-token. */
const onJobs: readonly Recipe['trainer'][] = ['autotrain', 'script', 'job']

/**
 * Checks by the Hub's own list of its rights whether hf-token can do what a training needs. What cannot be known is
 * said, and stops nothing.
 */
export async function checkRights({ recipe, tools }: Pick<Work, 'recipe' | 'tools'>): Promise<Check[]> {
  const { hub, signal } = tools
  const ask = (as: Hub) =>
    readAccount(as, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      return new Error(messageOf(error))
    })
  const { trainingHub = hub } = tools
  const [account, training] = await Promise.all([ask(hub), trainingHub === hub ? null : ask(trainingHub)])
  const { targetNamespace, inputDataset, trainer } = recipe
  const jobs = {
    id: 'token-jobs',
    title: `hf-token may start Jobs in ${targetNamespace}`,
    stops: true,
    right: (known: Account) => mayStartJobs(known, targetNamespace),
  }
  const model = {
    id: 'token-model',
    title: `${training === null ? 'hf-token' : 'training-token'} may create the model in ${targetNamespace}`,
    // A command on the runner may have a token of its own.
    stops: onJobs.includes(trainer),
    by: training ?? account,
    token: training === null ? 'hf-token' : 'training-token',
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
    ...(expectsModel(recipe) || trainer === 'script' ? [model] : []),
    ...(recipe.discussion === 'off' ? [] : [discussion]),
  ]
  return Promise.all(
    asked.map((one) => runCheck(one, () => toFinding({ by: account, token: 'hf-token', ...one }))),
  )
}

function toFinding(asked: {
  by: Account | Error
  token: string
  right: (known: Account) => Right
  stops: boolean
}): Finding {
  const { by, token, right, stops } = asked
  if (by instanceof Error) return { found: `not known: ${by.message}`, verdict: 'unknown' }
  const found = right(by)
  if (found.is === 'yes') return { found: found.why }
  if (found.is === 'unknown') return { found: found.why, verdict: 'unknown' }
  const advice = `${token}: ${found.why}: ${found.advice}.`
  return { found: found.why, verdict: stops ? 'refused' : 'warned', advice }
}
