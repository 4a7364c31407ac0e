import type { Trainer } from '../../../src/domain/training.ts'
import { defaultPolicy, withPolicy } from '../../../src/http/exchange.ts'
import { createNodeSend } from '../../../src/http/node-fetch.ts'
import { createHub } from '../../../src/hub/hub.ts'
import { openLedger } from '../../../src/ledger/ledger.ts'
import type { Collaborators } from '../../../src/run/work.ts'
import { names, type World } from '../../sandbox/world.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import { type Life, mortalLedger, mortalSend, mortalTrainer } from './mortal.ts'

/** One attempt of a run of the workflow. */
export interface WorkflowRun {
  readonly id: string
  readonly attempt: number
  readonly delivery: string | null
}

const ignore = () => {}

/** What one run of the action works with: the real Hub and ledger, over requests that take simulated time. */
export function createCollaborators(options: {
  world: World
  timeline: Timeline
  random: Random
  which: WorkflowRun
  token: string
  life: Life
  trainer: Trainer
  everyClaimSucceeds: boolean
}): Collaborators {
  const { world, timeline, random, which, token, life, everyClaimSucceeds } = options
  const { clock } = timeline
  // Requests of runs beside each other come in an order that the seed decides.
  const slow =
    <In extends unknown[], Out>(send: (...given: In) => Promise<Out>) =>
    async (...given: In): Promise<Out> => {
      await clock.sleep(random.between(20, 400))
      return send(...given)
    }
  const platformFetch = mortalSend(slow(fetch), life) as typeof fetch
  const send = mortalSend(slow(createNodeSend()), life)
  const http = withPolicy({ send, policy: defaultPolicy, clock, random: random.next })
  const ledger = openLedger({
    repository: names.repository,
    token,
    apiUrl: world.github.url,
    commit: world.github.repositories[0]?.headSha ?? '',
    platformFetch,
    clock,
    randomBytes: random.bytes,
  })
  const trainer = mortalTrainer(options.trainer, life)
  const url = `https://github.example/runs/${which.id}`
  return {
    hub: createHub({ url: world.hub.url, token: names.hubToken, http, platformFetch, clock }),
    ledger: mortalLedger(ledger, life, { everyClaimSucceeds }),
    trainers: { autotrain: trainer, 'autotrain-classic': trainer, job: trainer, command: trainer },
    notify: { dataset: async () => ({ discussionUrl: null, discussionNote: null }), model: async () => {} },
    pending: { add: ignore, remove: ignore },
    workflow: { runId: which.id, runAttempt: which.attempt, url },
    report: {
      trigger: which.delivery === null ? 'schedule' : 'dispatch',
      delivery: which.delivery,
      workflowUrl: url,
      repositoryVisibility: 'public',
      hubUrl: world.hub.url,
    },
    clock,
    log: { info: ignore, debug: ignore, notice: ignore, warning: ignore, group: (_title, work) => work() },
    signal: new AbortController().signal,
  }
}
