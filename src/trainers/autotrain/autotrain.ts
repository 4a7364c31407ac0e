import { shortRevision } from '../../domain/revision.ts'
import { NotStarted, type Trainer, type TrainingOrder } from '../../domain/training.ts'
import { Refused, Skipped } from '../../domain/verdict.ts'
import { findDataset } from '../../hub/datasets.ts'
import type { Job } from '../../hub/jobs/jobs.ts'
import { modelFiles, readModelCard } from '../../hub/models/files.ts'
import { type Proof, withCause } from '../jobs/job-end.ts'
import { createJobTrainer, type JobKind, type JobTools, type ProofOptions } from '../jobs/job-trainer.ts'
import { readCardMetrics } from '../output/card-metrics.ts'
import { modelOf } from '../run-environment.ts'
import { autotrainScript, missingFiles } from './final-files.ts'

/** AutoTrain's own image. https://hub.docker.com/r/huggingface/autotrain-advanced */
const defaultImage = 'huggingface/autotrain-advanced:latest'

/** What AutoTrain reads from the Hub is always this branch. */
const branch = 'main'

/**
 * AutoTrain Advanced on Hugging Face Jobs. It trains on the revision of the order where AutoTrain can read the
 * dataset from a folder; elsewhere AutoTrain reads the head of the main branch, which is compared before and after.
 * A success is proved by the files of the model on the Hub: AutoTrain ends with exit code 0 also when it failed.
 * https://huggingface.co/docs/autotrain
 */
export function createAutotrainTrainer(tools: JobTools): Trainer {
  const kind: JobKind = {
    name: 'autotrain',
    check: ({ command }) => {
      if (command === null) return
      throw new Refused(
        'command: the trainer autotrain runs AutoTrain: remove command, or use trainer: job or trainer: command.',
      )
    },
    what: ({ recipe }) => `AutoTrain fine-tunes ${recipe.inputModel}`,
    image: ({ image }) => image ?? defaultImage,
    script: ({ task }) => autotrainScript(task),
    mounts: ({ isPinned }) => isPinned,
    beforeStart: async (order, source) => {
      if (source.isPinned) return
      const head = await headOf(order, tools)
      if (head === order.revision) return
      const reason =
        `Superseded: AutoTrain would train on the head of ${branch}, which is not ` +
        `${shortRevision(order.revision)} any more${head === null ? '' : ` but ${shortRevision(head)}`}.`
      throw new NotStarted(reason, { cause: new Skipped(reason) })
    },
    prove,
  }
  return createJobTrainer(tools, kind)
}

async function headOf(
  { recipe }: TrainingOrder,
  { hub }: JobTools,
  signal?: AbortSignal,
): Promise<string | null> {
  const head = await findDataset(hub, { dataset: recipe.inputDataset, revision: branch, signal })
  return head?.revision ?? null
}

async function prove(
  order: TrainingOrder,
  job: Job,
  { tools, output, mounted, signal }: ProofOptions,
): Promise<Proof> {
  const model = modelOf(order)
  const files = await modelFiles(tools.hub, { model, signal })
  const missing = missingFiles(order.recipe.task, files ?? new Set())
  if (missing.length > 0) {
    const what = files === null ? 'made no model on the Hub' : `left a model without ${missing.join(', ')}`
    const reason = withCause(`The Job completed, but ${what}: the training failed`, output)
    return { verdict: 'failed', reason, metrics: {} }
  }
  const card = await readModelCard(tools.hub, { model, signal })
  const data = await dataUsed(order, job, { tools, mounted, signal })
  return {
    verdict: 'succeeded',
    reason: `Trained on ${data}.`,
    metrics: readCardMetrics(output.hide(card ?? '')),
  }
}

async function dataUsed(
  order: TrainingOrder,
  job: Job,
  { tools, mounted, signal }: Pick<ProofOptions, 'tools' | 'mounted' | 'signal'>,
): Promise<string> {
  const revision = shortRevision(order.revision)
  if (mounted ?? showsVolume(job, order)) {
    return `${revision}, mounted at that revision`
  }
  const head = await headOf(order, tools, signal)
  if (head === order.revision) return `${revision}, the head of ${branch} before and after`
  return (
    `the head of ${branch}, which moved while the Job ran` +
    `${head === null ? '' : ` to ${shortRevision(head)}`}: it may be ${revision} or a commit after it`
  )
}

/** Of a Job that somebody else started, what the Hub shows is all there is. */
function showsVolume({ volumes }: Job, { revision }: TrainingOrder): boolean {
  return volumes.some((volume) => volume.type === 'dataset' && volume.revision === revision)
}
