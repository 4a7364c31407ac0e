import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Trainer, TrainingContext } from '../../src/domain/training.ts'
import { systemClock } from '../../src/http/clock.ts'
import type { Entry } from '../../src/ledger/entry.ts'
import type { RecipeLedger } from '../../src/ledger/ledger.ts'
import { jobSummary } from '../../src/report/summary/summary.ts'
import type { Request } from '../../src/run/work.ts'
import { createCommandTrainer } from '../../src/trainers/command/command.ts'
import { checkWait } from '../../src/trainers/wait-limit.ts'
import { connect } from '../hub/connect.ts'
import { contextWith } from '../report/outcomes.ts'
import { succeeded } from './provider.ts'
import { dataset, digits, type Rig, startRig } from './rig.ts'

let rig: Rig
let folder: string

beforeEach(async () => {
  rig = await startRig()
  folder = mkdtempSync(join(tmpdir(), 'retrain-test-'))
})
afterEach(async () => {
  await rig.close()
  rmSync(folder, { recursive: true, force: true })
})

/** An event that a test waits for. */
function signal() {
  let done = () => {}
  const happened = new Promise<void>((resolve) => {
    done = resolve
  })
  return { done, happened }
}

const commandTrainer = (): Trainer =>
  createCommandTrainer({
    hub: connect(rig.hub.url, 'hf_ann').hub,
    clock: systemClock,
    waitLimitMs: null,
    environment: { PATH: process.env.PATH, GITHUB_WORKSPACE: folder },
    tempDir: folder,
    workflowUrl: 'https://github.test/runs/1',
  })

describe('A command that runs beside other recipes', () => {
  // More than the pipe between the script and the action holds.
  const command = 'for n in $(seq 1 40000); do echo "line $n"; done; echo "the last line"'
  const recipes = [
    digits({ trainer: 'command', command, expectModel: false, autotrainProjectPrefix: 'first' }),
    digits({ autotrainProjectPrefix: 'second' }),
  ]

  /** The second recipe is not planned before the first one's command has printed its last line. */
  function runBoth() {
    const last = signal()
    const { plan } = rig.provider.trainer()
    rig.provider.does({
      plan: async (order, cancelled) => {
        await last.happened
        return plan(order, cancelled)
      },
    })
    return rig.run({
      recipes,
      trainers: { command: commandTrainer() },
      onLine: (line) => {
        if (line.endsWith('the last line')) last.done()
      },
    })
  }

  test('Its output is read while the others begin, and nothing of it is lost.', async () => {
    const { outcomes, lines } = await runBoth()
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['succeeded', 'succeeded'])
    expect(lines.filter((line) => /│ \[first-\w+\] line \d+$/.test(line))).toHaveLength(40_000)
  })

  test('Its output opens no group inside the group of another step.', async () => {
    const { lines } = await runBoth()
    const depths = new Set<number>()
    let depth = 0
    for (const line of lines) {
      if (line.startsWith('{ ')) depth += 1
      if (line === '}') depth -= 1
      depths.add(depth)
    }
    expect([...depths].sort()).toEqual([0, 1])
    expect(depth).toBe(0)
  })
})

describe('A dataset with a settle time of four hours', () => {
  const hour = 3_600_000

  /** On a runner of GitHub, with a training of five hours. */
  function runHosted(request: Partial<Request> = {}) {
    const { plan } = rig.provider.trainer()
    rig.provider.does({
      plan: async (order, signal) => {
        checkWait(order, 6 * hour)
        return plan(order, signal)
      },
    })
    return rig.run({ recipes: [digits({ settle: 4 * hour, timeout: 5 * hour })], request })
  }

  test('The wait is refused when the training would outlive the runner.', async () => {
    const since = rig.home.clock.now()
    const { outcome } = await runHosted()
    expect(outcome).toMatchObject({ verdict: 'refused', reason: expect.stringMatching(/^timeout: /) })
    expect(rig.home.clock.now() - since).toBeLessThan(hour)
  })

  test('There is no wait for a revision that is requested by hand.', async () => {
    const revision = rig.hub.repository(dataset).refs.get('refs/heads/main') ?? null
    const since = rig.home.clock.now()
    expect((await runHosted({ revision })).outcome).toMatchObject({ verdict: 'succeeded' })
    expect(rig.home.clock.now() - since).toBeLessThan(hour)
  })

  test('A commit during the wait supersedes the revision, and nothing is claimed.', async () => {
    const { sleep } = rig.home.clock
    rig.home.clock.sleep = (ms, signal) => {
      rig.home.clock.sleep = sleep
      rig.commit()
      return sleep(ms, signal)
    }
    const { outcome } = await rig.run({ recipes: [digits({ settle: 4 * hour })] })
    expect(outcome).toMatchObject({ verdict: 'skipped', reason: expect.stringMatching(/^Superseded by /) })
    expect(rig.provider.paid).toEqual([])
    expect(await rig.records()).toEqual([])
  })
})

describe('The log of the steps', () => {
  test.each([
    ['✓', 'succeeded'],
    ['✗', 'failed'],
    ['✗', 'cancelled'],
  ] as const)('The line of the training has a %s when it %s.', async (mark, verdict) => {
    rig.provider.does({ follow: async () => ({ ...succeeded, verdict }) })
    const { lines, outcome } = await rig.run()
    expect(outcome.verdict).toBe(verdict)
    expect(lines.filter((line) => /^[✓✗] Train /u.test(line))).toEqual([
      expect.stringMatching(`^${mark} Train`),
    ])
    expect(outcome.steps.find(({ title }) => title === 'Train')?.ok).toBe(mark === '✓')
  })
})

test('What a training did otherwise than the recipe asked is a warning, and its verdict stays', async () => {
  const warning = 'params: AutoTrain does not know leaning_rate and trained without it.'
  rig.provider.does({ follow: async () => ({ ...succeeded, warnings: [warning] }) })
  const { lines, outcome } = await rig.run()
  expect(lines).toContain(`warning: ${warning}`)
  expect(outcome.verdict).toBe('succeeded')
})

describe('The end of a training that cannot be recorded', () => {
  /** A training during which something else happens to its record. */
  function meanwhile(happens: (ledger: RecipeLedger, entry: Entry) => Promise<unknown>): void {
    rig.provider.does({
      follow: async ({ revision }) => {
        const ledger = await rig.home.ledgerOf(digits())
        const entry = (await ledger.attempts(revision)).at(-1)
        if (entry !== undefined) await happens(ledger, entry)
        return succeeded
      },
    })
  }
  const lift = (outage: { lift(): void } | null) => outage?.lift()
  const warnings = (lines: readonly string[]) => lines.filter((line) => line.startsWith('warning: '))

  test('There is no warning when another workflow run has recorded the end.', async () => {
    meanwhile((ledger, entry) => ledger.save(entry, 'succeeded'))
    const { outcome, lines } = await rig.run()
    expect(outcome.verdict).toBe('succeeded')
    expect(warnings(lines)).toEqual([])
  })

  test('The end is recorded although another workflow run changed the record in between.', async () => {
    const discussionUrl = 'https://hub.test/discussions/1'
    meanwhile((ledger, entry) => ledger.save(entry, 'started', { discussionUrl }))
    const { lines } = await rig.run()
    expect(warnings(lines)).toEqual([])
    expect(await rig.records()).toMatchObject([{ state: 'succeeded', discussionUrl }])
  })

  test('A warning says that the next check records it, and the next check does.', async () => {
    let outage: { lift(): void } | null = null
    const { follow } = rig.provider.trainer()
    rig.provider.does({
      follow: (order, run, context) => {
        const path = /\/git\/refs\/auto-retrain(?:\/|%2F)ann-auto/
        outage = rig.home.github.fault({ method: 'PATCH', path, times: Number.POSITIVE_INFINITY })
        return follow?.(order, run, context) ?? Promise.reject(new Error('Nothing to follow.'))
      },
    })
    const { outcome, lines } = await rig.run()
    expect(outcome.verdict).toBe('succeeded')
    expect(warnings(lines)).toContainEqual(expect.stringMatching(/ the next check does it\.$/))
    expect(await rig.records()).toMatchObject([{ state: 'started' }])
    lift(outage)
    await rig.run()
    expect(await rig.records()).toMatchObject([{ state: 'succeeded', cost: 0.1 }])
  })
})

describe('A training that is cancelled with its workflow', () => {
  const cancelled = new AbortController()
  const seen = (context: TrainingContext) => {
    for (let n = 1; n <= 250; n += 1) context.log(`line ${n}`)
    const far = { stage: 'RUNNING', epoch: null, epochs: null, elapsedMs: 60_000 }
    context.progress({ ...far, cost: 0.25 })
    context.progress({ ...far, cost: null })
  }

  test('The summary has its cost and its last lines, and the ledger its cost.', async () => {
    rig.provider.does({
      follow: async (_order, _run, context) => {
        seen(context)
        cancelled.abort(new Error('The workflow was cancelled.'))
        throw context.signal.reason
      },
      // Its provider does not show its end yet.
      inspect: async () => null,
    })
    const { outcome, pending } = await rig.run({ signal: cancelled.signal })
    expect(outcome).toMatchObject({ verdict: 'cancelled', end: { verdict: 'cancelled', cost: 0.25 } })
    const summary = jobSummary([outcome], contextWith({}))
    expect(summary).toMatch(/0\.25\*\* spent/)
    expect(summary).toContain('line 250')
    expect(outcome.end?.logTail).toHaveLength(200)
    expect(await rig.records()).toMatchObject([{ state: 'cancelled', cost: 0.25 }])
    expect(pending).toMatchObject({ trainings: [], settled: [expect.stringMatching(/ was stopped\.$/)] })
  })

  test('The training has no end when it could not be stopped.', async () => {
    const stop = new AbortController()
    rig.provider.does({
      follow: async (_order, _run, context) => {
        seen(context)
        stop.abort(new Error('The workflow was cancelled.'))
        throw context.signal.reason
      },
      cancel: async () => {
        throw new Error('no answer')
      },
    })
    const { outcome } = await rig.run({ signal: stop.signal })
    expect(outcome).toMatchObject({ verdict: 'cancelled', end: null })
    expect(outcome.reason).toMatch(/may still be running and billed: stop it at https:\/\/provider\.test/)
  })
})
