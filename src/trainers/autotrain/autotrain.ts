import type { Check } from '../../domain/plan/checks.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { shortRevision } from '../../domain/revision.ts'
import type { Trainer, TrainingOrder } from '../../domain/training.ts'
import { NotStarted, Refused, Skipped } from '../../domain/verdict.ts'
import { findDataset } from '../../hub/datasets.ts'
import type { Job } from '../../hub/jobs/jobs.ts'
import type { DescribeOptions, JobKind, JobTools } from '../jobs/job-kind.ts'
import { createJobTrainer } from '../jobs/job-trainer.ts'
import { baseOf } from '../run-environment.ts'
import { autotrainEnvironment } from './autotrain-environment.ts'
import { autotrainScript } from './autotrain-script.ts'
import { findDataSource, lookIntoData } from './dataset-layout.ts'
import { knownProblem, knownRisks, knownVersion } from './known-problems.ts'
import { effectiveParams, parameterStep } from './params/effective.ts'
import { measureCheck } from './params/measure.ts'
import { validationStep } from './validation.ts'

/**
 * AutoTrain's own image. It has tags for single commits too, but none of them could be tried, so that `latest` stays
 * until one is known to work. https://hub.docker.com/r/huggingface/autotrain-advanced
 */
const defaultImage = 'huggingface/autotrain-advanced:latest'

/** The branch that AutoTrain always reads from the Hub. */
const branch = 'main'

/**
 * AutoTrain Advanced on Hugging Face Jobs. It trains on the ordered revision where AutoTrain can read the dataset from
 * a folder. Elsewhere AutoTrain reads the newest commit of main, which is compared before and after the Job. The files
 * of the model on the Hub decide about success, because AutoTrain ends with exit code 0 even when it failed.
 * https://huggingface.co/docs/autotrain
 */
export function createAutotrainTrainer(tools: JobTools): Trainer {
  const kind: JobKind = {
    name: 'autotrain',
    check: (recipe) => {
      if (recipe.command !== null) {
        throw new Refused(
          'command: the trainer autotrain runs AutoTrain: remove command, or use trainer: job or trainer: command.',
        )
      }
    },
    review: ({ recipe }, source) => ({
      steps: [
        ...source.notes,
        parameterStep(recipe),
        ...(source.isReadable ? [validationStep(recipe, source)] : []),
        ...knownRisks(recipe),
      ],
      checks: [
        ...(source.isReadable ? [measureCheck({ recipe, source })] : []),
        certain(recipe, {
          id: 'known-problem',
          title: `${knownVersion} can train it`,
          problem: knownProblem(recipe),
          found: 'nothing known speaks against it',
        }),
      ],
    }),
    parameters: effectiveParams,
    describe: (order) => `AutoTrain fine-tunes ${baseOf(order).model}`,
    image: ({ image }) => image ?? defaultImage,
    imageNote: `(checked with ${knownVersion})`,
    environment: () => autotrainEnvironment,
    command: ({ recipe }) => ['sh', '-c', autotrainScript(recipe.task)],
    findSource: (order, signal) => findDataSource(tools.hub, order, signal),
    checkData: ({ revision }, source, signal) => lookIntoData(tools.hub, { source, revision, signal }),
    confirm: async (order, source, signal) => {
      if (source.isPinned) return
      const head = await headOf(order, tools, signal)
      if (head === order.revision) return
      const reason =
        `Superseded: AutoTrain trains on the newest commit of ${branch}, which is no longer ` +
        `${shortRevision(order.revision)}${head === null ? '' : ` but ${shortRevision(head)}`}.`
      throw new NotStarted(reason, { cause: new Skipped(reason) })
    },
    describeSuccess: async (order, job, options) => `Trained on ${await dataUsed(order, job, options)}.`,
  }
  return createJobTrainer(tools, kind)
}

/** What certainly fails in AutoTrain's own image is refused. An image of the recipe may have other versions. */
function certain(
  { image }: Recipe,
  { problem, ...check }: Pick<Check, 'id' | 'title' | 'found'> & { problem: string | null },
): Check {
  if (problem === null) return { ...check, verdict: 'passed', advice: null }
  if (image === null) return { ...check, found: 'no', verdict: 'refused', advice: problem }
  const advice = `Unless your image differs from ${knownVersion}: ${problem}`
  return { ...check, found: `not with ${knownVersion}`, verdict: 'warned', advice }
}

async function headOf(
  { recipe }: TrainingOrder,
  { hub }: JobTools,
  signal?: AbortSignal,
): Promise<string | null> {
  const head = await findDataset(hub, { dataset: recipe.inputDataset, revision: branch, signal })
  return head?.revision ?? null
}

async function dataUsed(
  order: TrainingOrder,
  job: Job,
  { tools, mounted, signal }: DescribeOptions,
): Promise<string> {
  const revision = shortRevision(order.revision)
  if (mounted ?? showsVolume(job, order)) return `commit ${revision}`
  const head = await headOf(order, tools, signal)
  if (head === order.revision) {
    return `commit ${revision}, the newest commit of ${branch} before and after the Job`
  }
  const newHead = head === null ? '' : ` to ${shortRevision(head)}`
  return `commit ${revision} or a later one: ${branch} moved${newHead} while the Job ran`
}

/** Another process started this Job, so the volumes that the Hub shows are the only evidence. */
function showsVolume({ volumes }: Job, { revision }: TrainingOrder): boolean {
  return volumes.some((volume) => volume.type === 'dataset' && volume.revision === revision)
}
