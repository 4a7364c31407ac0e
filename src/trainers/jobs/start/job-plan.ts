import type { Recipe } from '../../../domain/recipe.ts'
import type { TrainingOrder, TrainingPlan } from '../../../domain/training.ts'
import { Refused } from '../../../domain/verdict.ts'
import { nextSentence } from '../../../http/answers/refusal-text.ts'
import { HttpError } from '../../../http/errors.ts'
import type { Hub } from '../../../hub/hub.ts'
import { checkJobsAccess } from '../../../hub/jobs/list.ts'
import { adviseOnHub, describeHubAnswer } from '../../../hub/refusals.ts'
import { type DataSource, mountPath } from '../../autotrain/dataset-layout.ts'
import { checkParams } from '../../autotrain/params/check-params.ts'
import { checkWait } from '../../wait-limit.ts'
import type { JobKind, JobTools } from '../job-kind.ts'
import { priceOf } from './job-price.ts'

/**
 * Plans a training on Hugging Face Jobs. Starts nothing and costs nothing.
 *
 * @param options.findSource finds out where the data can be read from
 * @throws Refused when the order cannot run, or may cost or take too much
 */
export async function planJob(
  order: TrainingOrder,
  options: {
    tools: JobTools
    kind: JobKind
    findSource: (order: TrainingOrder, signal: AbortSignal) => Promise<DataSource>
    signal: AbortSignal
  },
): Promise<TrainingPlan> {
  const { tools, kind, findSource, signal } = options
  const { recipe } = order
  const { hub } = tools
  kind.check(recipe)
  checkParams(recipe)
  checkWait(order, tools.waitLimitMs)
  if (!hub.token.startsWith('hf_')) {
    throw new Refused('hf-token is not a Hugging Face token: those start with hf_.')
  }
  await checkNamespace(hub, recipe, signal)
  const cost = await priceOf(hub, recipe, signal)
  const source = await findSource(order, signal)
  const review = kind.review?.(order, source) ?? []
  if (!source.isPinned && recipe.ref !== 'refs/heads/main') {
    throw new Refused(
      `ref: AutoTrain can only train on main here, because ${source.why}: ` +
        'use trainer: job or trainer: command, or change the layout of the dataset.',
    )
  }
  return {
    summary: `${kind.describe(order)} on ${recipe.hardware} (Hugging Face Jobs)`,
    steps: [
      `Start a Job with the image ${kind.image(recipe)}${imageNote(recipe, kind)}`,
      dataStep(source),
      ...review,
      isModelChecked(recipe, kind) ? 'Follow the Job, then check its model on the Hub' : 'Follow the Job',
    ],
    readsOnlyHead: !source.isPinned,
    hardware: recipe.hardware,
    timeoutMs: recipe.timeout,
    cost,
    ...(kind.parameters !== undefined && { parameters: kind.parameters(recipe) }),
  }
}

/** The note is about the image that the trainer chose. */
function imageNote({ image }: Recipe, { imageNote: note }: JobKind): string {
  return image !== null || note === undefined ? '' : ` ${note}`
}

/** The model of AutoTrain is checked whatever the recipe expects. */
function isModelChecked({ expectModel }: Recipe, { name }: JobKind): boolean {
  return expectModel || name === 'autotrain'
}

function dataStep(source: DataSource): string {
  if (source.isPinned) return `Mount the dataset at the revision, read-only, at ${mountPath}`
  return `Let AutoTrain read the newest commit from the Hub instead of the revision, because ${source.why}`
}

/** A start without a clear answer is looked up in the list of Jobs: a token that cannot read it is refused here. */
async function checkNamespace(hub: Hub, { targetNamespace }: Recipe, signal: AbortSignal): Promise<void> {
  try {
    await checkJobsAccess(hub, { namespace: targetNamespace, signal })
  } catch (error) {
    if (!(error instanceof HttpError) || error.isLimit || ![401, 402, 403, 404].includes(error.status))
      throw error
    const rights = `give hf-token the write role or the Jobs permission in ${targetNamespace}`
    const missing = `check target-namespace, and ${rights}`
    const advice = adviseOnHub(error, { hubUrl: hub.url, owner: targetNamespace, rights, missing })
    throw new Refused(
      `hf-token cannot use Hugging Face Jobs in ${targetNamespace} (${describeHubAnswer(error)}).${nextSentence(advice)}`,
      { cause: error },
    )
  }
}
