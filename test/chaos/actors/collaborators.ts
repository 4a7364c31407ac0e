import type { Trainer } from '../../../src/domain/training.ts'
import { defaultPolicy, withPolicy } from '../../../src/http/exchange.ts'
import { createHub } from '../../../src/hub/hub.ts'
import { openLedger } from '../../../src/ledger/ledger.ts'
import { createPending } from '../../../src/run/close/pending.ts'
import type { Collaborators } from '../../../src/run/work.ts'
import { names, type World } from '../../sandbox/world.ts'
import { type Sabotage, sabotagedFetch, sabotagedLedger, sabotagedTrainer } from '../faults/sabotage.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import { type Life, mortalLedger, mortalSend, mortalTrainer } from './mortal.ts'
import type { Wires } from './wires.ts'

/** One attempt of a run of the workflow. */
export interface WorkflowRun {
  readonly id: string
  readonly attempt: number
  readonly trigger: 'dispatch' | 'reconcile' | 'schedule' | 'manual'
  readonly delivery: string | null
}

const ignore = () => {}

/** What one run of the action works with: the real Hub and ledger, over requests that take simulated time. */
export function createCollaborators(options: {
  world: World
  wires: Wires
  timeline: Timeline
  random: Random
  which: WorkflowRun
  token: string
  life: Life
  trainer: Trainer
  sabotage: Sabotage | null
  signal: AbortSignal
  /** Takes what the step saves for the end of the job. */
  save: (json: string) => void
}): Collaborators {
  const { world, wires, timeline, random, which, token, life, sabotage, signal, save } = options
  const { clock } = timeline
  // Requests of runs beside each other come in an order that the seed decides.
  const slow =
    <In extends unknown[], Out>(send: (...given: In) => Promise<Out>) =>
    async (...given: In): Promise<Out> => {
      await clock.sleep(random.between(20, 400))
      // What streams takes turns of the event loop, in which other parts of the step sleep.
      return timeline.hold(send(...given))
    }
  const platformFetch = mortalSend(slow(sabotagedFetch(wires.fetch, sabotage)), life) as typeof fetch
  const send = mortalSend(slow(wires.send), life)
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
  const trainer = mortalTrainer(sabotagedTrainer(options.trainer, sabotage), life)
  const url = `https://github.example/runs/${which.id}`
  return {
    hub: createHub({ url: world.hub.url, token: names.hubToken, http, platformFetch, clock }),
    ledger: mortalLedger(sabotagedLedger(ledger, sabotage, world), life),
    trainers: {
      autotrain: trainer,
      script: trainer,
      'autotrain-classic': trainer,
      job: trainer,
      command: trainer,
    },
    notify: { dataset: async () => ({ discussionUrl: null, discussionNote: null }), model: async () => {} },
    pending: createPending((json) => {
      if (!life.dead) save(json)
    }),
    workflow: {
      runId: which.id,
      runAttempt: which.attempt,
      url,
      file: 'acme/retrain/.github/workflows/retrain.yml@refs/heads/main',
      config: 'recipes.json',
      ledger: '0123abcd',
    },
    report: {
      trigger: which.trigger === 'reconcile' ? 'dispatch' : which.trigger,
      delivery: which.delivery,
      workflowUrl: url,
      repositoryVisibility: 'public',
      hubUrl: world.hub.url,
    },
    clock,
    log: { info: ignore, debug: ignore, notice: ignore, warning: ignore, group: (_title, work) => work() },
    signal,
  }
}
