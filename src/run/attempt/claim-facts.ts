import { formatCount } from '../../domain/text/format.ts'
import { Refused, Skipped } from '../../domain/verdict.ts'
import type { Claimed, DraftOptions } from '../../ledger/claim.ts'
import type { ClaimFacts, LedgerRecord } from '../../ledger/record.ts'
import { recipeFamily } from '../../recipe/recipe-key.ts'
import { explainOtherParams } from '../check/other-params.ts'
import { soonMs } from '../check-again.ts'
import { NotNow } from '../errors.ts'
import { startFacts } from '../plan/find-start.ts'
import type { Planned } from '../plan/plan.ts'
import type { Work } from '../work.ts'

/** What a run may wait in the provider's queue at least, and what every run gets on top of its times. */
const minQueueMs = 3_600_000
const deadlineMarginMs = 600_000

/** GitHub calls of a training from its claim to its end, which must be left before it starts. */
const callsPerTraining = 25
/** Tags and changes of refs of a training: from its claim to its end, and after its start. */
const creationsPerTraining = 16
const creationsPerEnd = 5
/** What a publication adds: its beginning, its end and the record that it is done. */
const callsPerPublication = 10
const creationsPerPublication = 6
/** Calls that stay in reserve for those who stop and record what runs. */
const reservedCalls = 30

/** What a claim says of the attempt that it is made for. */
function claimFacts(work: Work, { checked, confirmed, project, plan, start }: Planned): ClaimFacts {
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
    baseModel: known.baseModel?.head ?? null,
    dataset: { id: confirmed.id, family: recipeFamily(work.identity) },
    publishTo: recipe.publishTo,
    ...(recipe.publishTo !== null && startFacts(start)),
  }
}

/** What is claimed for a plan. */
export function draftOptions(work: Work, planned: Planned): Omit<DraftOptions, 'nonce'> {
  const { confirmed, next } = planned.checked
  return { revision: confirmed.revision, attempt: next.attempt, facts: claimFacts(work, planned) }
}

/** Why a claim is not ours, as the error that ends the check. */
export function notClaimed(
  work: Work,
  claimed: Exclude<Claimed, { is: 'ours' }>,
  project: string,
): Skipped | Refused {
  switch (claimed.is) {
    case 'taken':
      return takenBy(work, claimed.entry.record)
    case 'no-slot':
      return noSlot(work)
    case 'name-taken':
      return new Refused(
        `autotrain-project-prefix: another recipe is training a model called ` +
          `${work.recipe.targetNamespace}/${project}` +
          `${claimed.workflowUrl === null ? '' : ` (${claimed.workflowUrl})`}: give each recipe its own prefix ` +
          '(a matrix over base models needs one prefix for each).',
      )
  }
}

function takenBy(work: Work, record: LedgerRecord): Skipped {
  const taken = `Another workflow run has claimed this revision: ${record.workflow.url}.`
  const explained = explainOtherParams(work, record, { reason: taken, isWarning: false })
  return new Skipped(explained.reason, {
    isWarning: explained.isWarning,
    againAt: work.tools.clock.now() + soonMs,
  })
}

/** The skip of a revision for which the day has no run left: it is checked again after midnight. */
function noSlot({ recipe, tools }: Work): Skipped {
  const { maxRunsPerDay } = recipe
  const isUsedUp =
    `the ${formatCount(maxRunsPerDay, 'run')} of today (UTC) ${maxRunsPerDay === 1 ? 'is' : 'are'} used up. ` +
    'The first check of tomorrow trains this revision if it is still the head; to train it today, raise the limit.'
  const midnight = new Date(tools.clock.now())
  midnight.setUTCHours(24, 5, 0, 0)
  return new Skipped(
    `max-runs-per-day: ${maxRunsPerDay === 0 ? '0 allows no training. Raise the limit.' : isUsedUp}`,
    {
      isWarning: true,
      comesBack: maxRunsPerDay === 0 ? 'nothing' : 'tomorrow',
      againAt: midnight.getTime(),
    },
  )
}

/**
 * Starts nothing where GitHub's hourly limit would not last to its end: what runs must be stopped and recorded.
 *
 * @param running trainings of this workflow run that are under way
 * @throws NotNow that says so
 */
export function checkCallsLeft({ tools, recipe }: Pick<Work, 'tools' | 'recipe'>, running: number): void {
  const publishes = recipe.publishTo === null ? 0 : 1
  const left = tools.ledger.callsLeft()
  const needed = reservedCalls + 10 * running + callsPerTraining + publishes * callsPerPublication
  const creations = creationsPerTraining + publishes * creationsPerPublication
  if (tools.ledger.creationsLeft() < creations + creationsPerEnd * running) {
    throw new NotNow(
      'GitHub allows 500 changes of the ledger in an hour, and this workflow run has nearly used them up: nothing ' +
        'was started, the next check tries again.',
    )
  }
  if (left === null || left >= needed) return
  throw new NotNow(
    `GitHub allows ${left} more calls in this hour (1,000 for each repository), and ${needed} are needed to start a ` +
      'training safely: nothing was started, the next check tries again.',
  )
}
