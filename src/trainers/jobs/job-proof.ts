import { messageOf } from '../../domain/error-message.ts'
import type { TrainingOrder } from '../../domain/training.ts'
import { NotJudged } from '../../domain/verdict.ts'
import { findDataset } from '../../hub/datasets.ts'
import type { Hub } from '../../hub/hub.ts'
import { describeUnchecked, describeUnproved, proveModel } from '../output/prove-model.ts'
import { metricNamesIn } from '../output/run-output.ts'
import type { JobFacts } from './job-end.ts'
import type { JobKind, JobTools, VerifiedEnd } from './job-kind.ts'

/** Judges a Job that completed by its model. */
export async function verifyModel(
  { order, seen, output, signal }: JobFacts & { signal: AbortSignal },
  { tools, kind, mounted }: { tools: JobTools; kind: JobKind; mounted: boolean | null },
): Promise<VerifiedEnd> {
  const isAutotrain = kind.name === 'autotrain' || output.ranAutotrain
  const known = metricNamesIn(output)
  const proof = await proveModel(tools.hub, {
    ...{ order, isAutotrain, known, signal },
    isCodeCommit: kind.isCodeCommit,
    hide: output.hide,
  })
  if (proof.lacks !== null) {
    const reason = describeUnproved(proof, { subject: 'The script', isAutotrain, output })
    return { verdict: 'failed', cause: 'training', reason, measured: proof.measured }
  }
  const success = await kind.describeSuccess(order, seen.job, { tools, mounted, signal })
  const reason = `${success}${describeUnchecked(proof)}`
  const { measured, warnings = [] } = proof
  return { verdict: 'succeeded', cause: null, reason, measured, warnings }
}

/** What cannot be asked now is judged later. */
export function notJudged({ signal }: { signal: AbortSignal }): (error: unknown) => never {
  return (cause) => {
    signal.throwIfAborted()
    throw new NotJudged(`The Job completed, but its model could not be checked: ${messageOf(cause)}`, {
      cause,
    })
  }
}

/** Whether the Hub has lost the revision. Where it does not say, the revision counts as there. */
export async function isRevisionGone(
  hub: Hub,
  { order, signal }: { order: TrainingOrder; signal: AbortSignal },
): Promise<boolean> {
  const { recipe, revision } = order
  try {
    return (await findDataset(hub, { dataset: recipe.inputDataset, revision, signal })) === null
  } catch {
    signal.throwIfAborted()
    return false
  }
}
