import type { Trainer, TrainingPlan } from '../../domain/training.ts'
import { Refused, Skipped } from '../../domain/verdict.ts'
import { findModel } from '../../hub/models/models.ts'
import { automaticBound } from '../../ledger/decide.ts'
import type { LedgerRecord } from '../../ledger/record.ts'
import { freeProjectName } from '../../recipe/project-name.ts'
import type { Work } from '../work.ts'
import type { Checked } from './check.ts'
import type { Confirmed } from './confirm.ts'

/** What a check found worth a new attempt. */
export type Claimable = Checked & {
  readonly next: Extract<Checked['next'], { do: 'claim' }>
}

/** What is about to be claimed and ordered. */
export interface Planned {
  readonly checked: Claimable
  readonly trainer: Trainer
  readonly confirmed: Confirmed
  readonly project: string
  readonly plan: TrainingPlan
}

/**
 * Says what would be trained, where, and what it can cost. Nothing is started.
 *
 * @throws Refused when it must not be carried out; Skipped when nothing comes back by itself any more
 */
export async function planTraining(work: Work, checked: Claimable): Promise<Planned> {
  const { recipe, tools, facts, steps } = work
  const { hub, signal } = tools
  const { confirmed, ledger, next } = checked
  const trainer = tools.trainers[recipe.trainer]
  const { revision } = confirmed
  return steps.run('Plan the training', async () => {
    for (const warning of tools.checkRunner?.() ?? []) work.log.warning(warning)
    const project = await freeProjectName({
      prefix: recipe.autotrainProjectPrefix,
      revision,
      first: next.attempt,
      // An order that may have been sent may still make a model of its name.
      isTaken: async (name) =>
        work.known.open.some(({ record }) => record.project === name) ||
        (await findModel(hub, { model: `${recipe.targetNamespace}/${name}`, signal })) !== null,
    })
    const order = { recipe, revision, project, nonce: '', key: ledger.key, ledger: tools.workflow.ledger }
    const plan = await trainer.plan(order, signal)
    if (plan.readsOnlyHead && !confirmed.isHead) {
      throw new Refused(
        `revision: the trainer ${recipe.trainer} can only train on the head of ${recipe.ref} here, ` +
          'not on an older revision.',
      )
    }
    checkBound(work, { before: next.before, plan })
    Object.assign(facts, { project, plan, attempt: next.attempt })
    return { checked, trainer, confirmed, project, plan }
  })
}

/** The bound on what comes back by itself, with the price of what is planned. */
function checkBound(
  { request, recipe }: Work,
  { before, plan }: { before: readonly LedgerRecord[]; plan: TrainingPlan },
): void {
  if (request.byPerson) return
  const nextCost = plan.cost?.max ?? null
  const bound = automaticBound({ attempts: before, maxCost: recipe.maxCost, nextCost })
  if (bound !== null) throw new Skipped(bound, { isWarning: true, comesBack: 'data' })
}
