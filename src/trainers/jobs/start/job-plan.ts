import { type Check, type Finding, runCheck } from '../../../domain/plan/checks.ts'
import type { PlannedOrder, TrainingPlan } from '../../../domain/plan/training-plan.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import { formatDuration, formatUsd } from '../../../domain/text/format.ts'
import { Refused } from '../../../domain/verdict.ts'
import { nextSentence } from '../../../http/answers/refusal-text.ts'
import { HttpError } from '../../../http/errors.ts'
import type { Hub } from '../../../hub/hub.ts'
import { checkJobsAccess } from '../../../hub/jobs/list.ts'
import { adviseOnHub, describeHubAnswer } from '../../../hub/refusals.ts'
import { type DataSource, mountPath } from '../../autotrain/dataset-layout.ts'
import { paramChecks } from '../../autotrain/params/check-params.ts'
import { checkWait } from '../../wait-limit.ts'
import type { JobKind, JobTools } from '../job-kind.ts'
import { checkCeiling, type Price, priceOf } from './job-price.ts'

/**
 * Plans a training on Hugging Face Jobs. Starts nothing and costs nothing. What is asked of the Hub is asked at once.
 *
 * @param options.findSource finds out where the data can be read from
 * @returns the plan; what is wrong is in its checks
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function planJob(
  order: PlannedOrder,
  options: {
    tools: JobTools
    kind: JobKind
    findSource: (order: PlannedOrder, signal: AbortSignal) => Promise<DataSource>
    signal: AbortSignal
  },
): Promise<TrainingPlan> {
  const { tools, kind, findSource, signal } = options
  const { recipe } = order
  const asked = Promise.allSettled([checkPrice(recipe, { tools, signal }), findSource(order, signal)])
  const early = await Promise.all([
    ...checkSettings(order, { tools, kind }),
    checkAccess(recipe, { tools, signal }),
  ])
  const [priced, found] = await asked
  // With a token that the Hub refuses, all else fails too, and only that is worth saying.
  if (early.some(({ verdict }) => verdict === 'refused')) {
    return { ...unplanned(order, kind), checks: [...early, ...paramChecks(recipe)] }
  }
  const [price, source] = [resultOf(priced), resultOf(found)]
  const review = kind.review?.(order, source) ?? { steps: [], checks: [] }
  const ref = await runCheck({ id: 'ref', title: 'The trainer can train this branch' }, () =>
    checkRef(recipe, source),
  )
  return {
    ...unplanned(order, kind),
    steps: [
      `Start a Job with the image ${kind.image(recipe)}${imageNote(recipe, kind)}`,
      dataStep(source),
      ...review.steps,
      isModelChecked(recipe, kind) ? 'Follow the Job, then check its model on the Hub' : 'Follow the Job',
    ],
    readsOnlyHead: !source.isPinned,
    cost: price.cost,
    checks: [...early, ...paramChecks(recipe), price.check, ref, ...review.checks],
    ...(kind.parameters !== undefined && { parameters: kind.parameters(recipe) }),
  }
}

/** A plan of which nothing is known but what would run. */
function unplanned(order: PlannedOrder, kind: JobKind): Omit<TrainingPlan, 'checks'> {
  const { hardware, timeout } = order.recipe
  return {
    summary: `${kind.describe(order)} on ${hardware} (Hugging Face Jobs)`,
    steps: [],
    readsOnlyHead: false,
    hardware,
    timeoutMs: timeout,
    cost: null,
  }
}

function resultOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason
  return settled.value
}

function checkSettings(
  order: PlannedOrder,
  { tools, kind }: { tools: JobTools; kind: JobKind },
): Promise<Check>[] {
  const { recipe } = order
  return [
    runCheck({ id: 'recipe', title: 'The trainer can run this recipe' }, () => {
      kind.check(recipe)
      return { found: `trainer: ${kind.name}` }
    }),
    ...secretsCheck(recipe, tools),
    runCheck({ id: 'wait', title: 'The runner can wait for the Job' }, () => {
      checkWait(order, tools.waitLimitMs)
      return { found: recipe.wait ? `up to ${formatDuration(recipe.timeout)}` : 'it does not wait' }
    }),
  ]
}

/** Asked for where the recipe names any. */
function secretsCheck({ secrets, env }: Recipe, { stepVariable }: JobTools): Promise<Check>[] {
  if (secrets.length === 0) return []
  const check = { id: 'secrets', title: 'Every secret of the recipe has a value' }
  return [
    runCheck(check, () => {
      const open = secrets.find((name) => Object.hasOwn(env, name))
      if (open !== undefined) {
        throw new Refused(
          `secrets: ${open} is in env too, where everyone who can read the Job reads its value: remove it from env.`,
        )
      }
      const [empty] = secrets.filter((name) => !stepVariable(name)?.trim())
      if (empty === undefined) return { found: secrets.join(', ') }
      throw new Refused(
        `secrets: the environment of this step has no ${empty}: add ${empty} to the env of the step, with the secret of ` +
          'the repository as its value.',
      )
    }),
  ]
}

interface Asked {
  readonly tools: JobTools
  readonly signal: AbortSignal
}

function checkAccess(recipe: Recipe, { tools: { hub }, signal }: Asked): Promise<Check> {
  return runCheck({ id: 'jobs', title: `Jobs can be listed in ${recipe.targetNamespace}` }, async () => {
    if (!hub.token.startsWith('hf_')) {
      throw new Refused('hf-token is not a Hugging Face token: those start with hf_.')
    }
    await checkNamespace(hub, recipe, signal)
    return { found: 'yes' }
  })
}

async function checkPrice(
  recipe: Recipe,
  { tools: { hub }, signal }: Asked,
): Promise<{ cost: Price | null; check: Check }> {
  const found: { cost: Price | null } = { cost: null }
  const check = await runCheck({ id: 'price', title: 'The price stays within max-cost' }, async () => {
    const cost = await priceOf(hub, recipe, signal)
    found.cost = cost
    checkCeiling(cost, recipe)
    const hour = formatUsd(cost.perMinute * 60)
    const most = `at most ${formatUsd(cost.max)} of ${formatUsd(recipe.maxCost)}`
    return { found: `${most} (${recipe.hardware}, ${hour} an hour)` }
  })
  return { ...found, check }
}

function checkRef({ ref }: Recipe, source: DataSource): Finding {
  if (source.isPinned) return { found: 'at the revision' }
  if (ref === 'refs/heads/main') return { found: 'main, at its newest commit' }
  throw new Refused(
    `ref: AutoTrain can only train on main here, because ${source.why}: ` +
      'use trainer: job or trainer: command, or change the layout of the dataset.',
  )
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
