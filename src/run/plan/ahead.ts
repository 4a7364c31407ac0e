import { filterEvent } from '../../event/filter.ts'
import { isReconcile } from '../../event/reconcile.ts'
import { readAccount } from '../../hub/account.ts'
import { listDatasetFiles } from '../../hub/dataset-files.ts'
import type { DatasetAt } from '../../hub/datasets.ts'
import { findModelOnce } from '../../hub/models/models.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import { firstName } from '../../recipe/project-name.ts'
import type { Work } from '../work.ts'

/**
 * Asks the Hub for what the plan of a new head needs, while the ledger is being read: the client remembers the answers,
 * so that the plan does not wait for them one after the other. A head that has an attempt is rarely trained again, and
 * costs no such call; neither does a timer's check. Failures are met again, and reported, by those who need the answers.
 */
export async function askAhead(
  work: Work,
  { head, ledger }: { head: DatasetAt; ledger: RecipeLedger },
): Promise<void> {
  const { recipe, tools, request, known } = work
  const { hub, signal } = tools
  const { revision } = head
  // A timer mostly finds what the last check has seen.
  const isTimer = request.event === null && !request.byPerson
  if (!isForHead(work, revision) || ledger.hasAttempt(revision) || (isTimer && (await ledger.hasSeen())))
    return
  const dataset = recipe.inputDataset
  // A renamed dataset is planned under its new name.
  if (head.name !== dataset) return
  const model = `${recipe.targetNamespace}/${firstName(recipe.autotrainProjectPrefix, revision)}`
  const asked: Promise<unknown>[] = [
    listDatasetFiles(hub, { dataset, revision, signal }),
    readAccount(hub, signal),
    findModelOnce(hub, { model, signal }),
  ]
  // What is published is part of the plan, and the ledger has not said it yet.
  if (recipe.publishTo === null) {
    const plan = tools.trainers[recipe.trainer].plan({ recipe, revision }, signal)
    known.plan = { revision, plan }
    asked.push(plan)
  }
  for (const answer of asked) answer.catch(() => undefined)
}

/** Whether the trigger asks for the head: an event of the Hub names its commit, all others ask for the branch. */
function isForHead({ recipe, request }: Work, revision: string): boolean {
  const { event } = request
  if (request.revision !== null) return false
  if (event === null) return true
  const filtered = filterEvent(event, { ref: recipe.ref, isOpened: true })
  return filtered.passed && (isReconcile(event) || filtered.revision === revision)
}
