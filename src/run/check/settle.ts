import { branchName } from '../../domain/revision.ts'
import { formatDuration } from '../../domain/text/format.ts'
import { isReconcile } from '../../event/reconcile.ts'
import type { Clock } from '../../http/clock.ts'
import { oldestCommitAfter } from '../../hub/datasets.ts'
import type { Log } from '../log/log.ts'
import type { Claimable } from '../plan/plan.ts'
import type { Work } from '../work.ts'
import { confirmRevision, findHead } from './confirm.ts'

/** The time between two lines of progress. */
const progressEveryMs = 30_000

/** A dataset that never settles is trained all the same once its oldest untrained commit is so many settle times old. */
const maxSettleTimes = 5

/**
 * Waits until the dataset had time to settle: commits often come in bursts, and only the last is worth a run. Not for
 * a stream without a pause: once the oldest commit after the last good run is older than five times `settle`, the head
 * is trained.
 *
 * @throws Skipped when a newer commit came meanwhile
 */
export async function letSettle(work: Work, { confirmed, next, ledger }: Claimable): Promise<void> {
  const { recipe, tools, steps, log, request, known } = work
  const { hub, signal, clock } = tools
  const { settle } = recipe
  if (settle === 0 || request.revision !== null) return
  await steps.run('Wait for the dataset to settle', async () => {
    // Without a good run, what was tried last is not waited for again.
    const base = next.base ?? (await ledger.recent())[0]
    const after = base?.record.revision ?? null
    const dataset = recipe.inputDataset
    const oldest = await oldestCommitAfter(hub, { dataset, branch: branchName(recipe.ref), after, signal })
    if (oldest !== null && clock.now() - oldest > maxSettleTimes * settle) {
      log.info(
        `Not waiting: the oldest untrained commit is older than ${formatDuration(maxSettleTimes * settle)}.`,
      )
      return
    }
    await waitToSettle({ durationMs: settle, clock, log, signal })
    // Until it is confirmed anew, nothing may be written down of the head.
    known.confirmed = null
    const head = await findHead(hub, { recipe, signal })
    work.facts.datasetVisibility = head.visibility
    const wanted = { kind: 'event', revision: confirmed.revision } as const
    const hasOwnEvent = request.event !== null && !isReconcile(request.event)
    const then = hasOwnEvent ? 'the newer commit has its own event' : 'the next check trains it'
    await confirmRevision({ hub, recipe, wanted, head, signal, next: then })
    known.confirmed = confirmed
  })
}

/**
 * Waits, with a line of progress now and then.
 *
 * @throws the signal's reason as soon as it is aborted
 */
export async function waitToSettle(options: {
  durationMs: number
  clock: Clock
  log: Log
  signal: AbortSignal
}): Promise<void> {
  const { durationMs, clock, log, signal } = options
  const end = clock.now() + durationMs
  for (let left = durationMs; left > 0; left = end - clock.now()) {
    log.info(`Waiting for the dataset to settle: ${formatDuration(left)} left`)
    await clock.sleep(Math.min(left, progressEveryMs), signal)
  }
}
