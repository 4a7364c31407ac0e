import { formatCount } from '../domain/format.ts'
import { Skipped } from '../domain/verdict.ts'
import type { ClaimFacts } from '../ledger/record.ts'
import { recipeFamily } from '../recipe/recipe-key.ts'
import type { Planned } from './plan.ts'
import type { Work } from './work.ts'

/** What a run may wait in the provider's queue at least, and what every run gets on top of its times. */
const minQueueMs = 3_600_000
const deadlineMarginMs = 600_000

/** GitHub calls of a training from its claim to its end, which must be left before it starts. */
const callsPerTraining = 25
/** Calls that stay in reserve for those who stop and record what runs. */
const reservedCalls = 30

/** What a claim says of the attempt that it is made for. */
export function claimFacts(work: Work, { checked, confirmed, project, plan }: Planned): ClaimFacts {
  const { recipe, tools, hashes, request, known } = work
  const { report, workflow, clock } = tools
  const { runId, runAttempt, url } = workflow
  const timeoutMs = plan.timeoutMs ?? 0
  const deadline = clock.now() + Math.max(timeoutMs, minQueueMs) + timeoutMs + deadlineMarginMs
  return {
    atHead: confirmed.isHead,
    automatic: !request.byPerson,
    deliveryId: report.delivery,
    trigger: report.trigger ?? 'manual',
    workflow: { runId, runAttempt, url },
    trainer: recipe.trainer,
    project,
    model: `${recipe.targetNamespace}/${project}`,
    modelHead: null,
    costEstimate: plan.cost?.max ?? null,
    deadline: new Date(deadline).toISOString(),
    data: {
      ...checked.next.data.facts,
      classes: checked.next.data.facts.classes && { ...checked.next.data.facts.classes },
    },
    howItRuns: hashes.howItRuns,
    whatItMakes: hashes.whatItMakes,
    baseModel: known.baseModel,
    dataset: { id: confirmed.id, family: recipeFamily(work.identity) },
    publishTo: null,
  }
}

/** The skip of a revision for which the day has no run left: it is checked again after midnight. */
export function noSlot({ recipe, tools }: Work): Skipped {
  const { maxRunsPerDay } = recipe
  const isUsedUp =
    `the ${formatCount(maxRunsPerDay, 'run')} of today (UTC) ${maxRunsPerDay === 1 ? 'is' : 'are'} used up. ` +
    'The schedule trains this revision tomorrow if it is still the head; to train it today, raise the limit.'
  const midnight = new Date(tools.clock.now())
  midnight.setUTCHours(24, 5, 0, 0)
  return new Skipped(
    `max-runs-per-day: ${maxRunsPerDay === 0 ? '0 allows no training. Raise the limit.' : isUsedUp}`,
    { isWarning: true, againAt: midnight.getTime() },
  )
}

/**
 * Starts nothing where GitHub's hourly limit would not last to its end: what runs must be stopped and recorded.
 *
 * @param running trainings of this workflow run that are under way
 * @throws Error that says so; the next check tries again
 */
export function checkCallsLeft({ tools }: Pick<Work, 'tools'>, running: number): void {
  const left = tools.ledger.callsLeft()
  const needed = reservedCalls + 10 * running + callsPerTraining
  if (left === null || left >= needed) return
  throw new Error(
    `GitHub allows ${left} more calls in this hour (1,000 for each repository), and ${needed} are needed to start a ` +
      'training safely: nothing was started, the next check tries again.',
  )
}
