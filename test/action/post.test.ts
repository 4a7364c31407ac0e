import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { recordStopped } from '../../src/action/post.ts'
import type { RunnerProcess, TrainingEnd, TrainingOrder } from '../../src/domain/training.ts'
import type { PendingTraining } from '../../src/run/close/pending.ts'
import { identifyProcess } from '../../src/trainers/command/process-group.ts'
import { createFakeClock } from '../http/fake-clock.ts'
import { leaveRecord } from '../run/left-record.ts'
import { lostMachine, succeeded } from '../run/provider.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { type SandboxGitHub, startGitHub } from '../sandbox/github/github.ts'
import { type JobStage, stageJobs, token } from '../trainers/jobs/job-stage.ts'
import { order } from '../trainers/order.ts'
import { runPostProgram, stateAfter } from './post-program.ts'

const interrupted = 'The step was ended (cancelled, or its time limit was reached)'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'post-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const pendingOf = (ordered: TrainingOrder, process: RunnerProcess | null = null) => ({
  order: ordered,
  run: null,
  process,
  claim: 'refs/auto-retrain/key/1',
  ended: null,
})

describe('The end of the job of a step that was ended by force', () => {
  test('It says that the step had not ordered a training if it had not, also in the summary.', async () => {
    const { code, warnings, summary } = await runPostProgram({ folder, state: {} })
    expect(warnings).toEqual([
      `${interrupted} before it could report its verdict. It had not ordered a training.`,
    ])
    expect(summary).toContain(interrupted)
    expect(code).toBe(0)
  })

  test.each(['had ended: succeeded', 'was not started', 'was stopped'])(
    'It says how the training of the step ended: it %s.',
    async (howItEnded) => {
      const state = stateAfter(pendingOf(order({ command: 'echo secret' })), howItEnded)
      const { warnings, summary } = await runPostProgram({ folder, state: { STATE_pending: state } })
      const sentence = `The training digits-1 ${howItEnded}.`
      expect(warnings).toEqual([`${interrupted} before it could report its verdict. ${sentence}`])
      expect(summary).toContain(sentence)
      expect(state).not.toContain('secret')
    },
  )
})

test('The end of the job of a step that reported its verdict prints nothing.', async () => {
  const pending = stateAfter(pendingOf(order()), 'had ended: succeeded')
  const state = { STATE_finished: 'true', STATE_pending: pending }
  expect(await runPostProgram({ folder, state })).toEqual({ code: 0, warnings: [], errors: [], summary: '' })
})

describe('A Job that a killed step left running', () => {
  let stage: JobStage
  let github: SandboxGitHub

  beforeEach(async () => {
    stage = await stageJobs({ clock: createFakeClock(), command: 'sleep 600' })
    github = await startGitHub({ repositories: [{ name: 'acme/retrain' }] })
  })
  afterEach(() => Promise.all([stage.close(), github.close()]))

  test.each([
    ['answers 500', 500],
    ['does not accept the token any more', 401],
  ])('It is stopped although GitHub %s, and the summary says so.', async (_what, status) => {
    await stage.start()
    await stage.running()
    const outage = github.fault({ path: /./, status, times: Number.POSITIVE_INFINITY })
    const { code, warnings, errors, summary } = await runPostProgram({
      folder,
      state: { STATE_pending: stateAfter(pendingOf(stage.order()), null) },
      environment: {
        'INPUT_HF-TOKEN': token,
        'INPUT_GITHUB-TOKEN': 'ghs_expired_after_24_hours',
        GITHUB_API_URL: github.url,
        HF_ENDPOINT: stage.sandbox.url,
        GITHUB_SHA: 'c'.repeat(40),
      },
    })
    outage.lift()
    expect(stage.sandbox.jobs.all.map((job) => job.stage)).toEqual(['CANCELED'])
    expect([code, errors]).toEqual([0, []])
    expect(warnings).toEqual([expect.stringMatching(/^The ledger could not be updated .* the next check /)])
    expect(summary).toContain(`${interrupted}, and the training with it.`)
  })

  test('Its address is in the error of the job when it cannot be stopped.', async () => {
    const run = await stage.start()
    await stage.running()
    stage.sandbox.fault({ method: 'POST', path: /\/cancel/, status: 403, times: Number.POSITIVE_INFINITY })
    const { code, errors } = await runPostProgram({
      folder,
      state: { STATE_pending: stateAfter({ ...pendingOf(stage.order()), run }, null) },
      environment: { 'INPUT_HF-TOKEN': token, HF_ENDPOINT: stage.sandbox.url },
    })
    expect(code).toBe(1)
    expect(errors).toEqual([expect.stringContaining(run.url)])
  })
})

describe('A command that a killed step left running', () => {
  let script: ChildProcess

  beforeEach(() => {
    script = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  })
  afterEach(() => {
    if (script.exitCode === null && script.signalCode === null) script.kill('SIGKILL')
  })

  const postWith = (process: RunnerProcess | null) =>
    runPostProgram({
      folder,
      state: { STATE_pending: stateAfter(pendingOf(order({ trainer: 'command' }), process), null) },
      environment: { 'INPUT_HF-TOKEN': token },
    })

  test('It is ended by its pid and start time.', async () => {
    const ended = new Promise((resolve) => script.once('exit', (_code, signal) => resolve(signal)))
    const identity = await identifyProcess(script.pid ?? 0)
    const { summary } = await postWith(identity)
    expect(await ended).toBe('SIGTERM')
    expect(summary).toContain(`${interrupted}, and the training with it.`)
  })

  test('Without a note of its process the summary does not say that nothing is left of it.', async () => {
    const { summary } = await postWith(null)
    expect(summary).toContain('It may still be running on its runner')
    expect(summary).not.toContain('nothing of the command was left running')
  })

  test('Another process that has its pid by now is not touched.', async () => {
    const { summary } = await postWith({ pid: script.pid ?? 0, startTime: '1' })
    expect([script.exitCode, script.signalCode]).toEqual([null, null])
    expect(summary).toContain('nothing of the command was left running')
  })
})

describe('The record of a training that the end of the job stopped', () => {
  let rig: Rig

  beforeEach(async () => {
    rig = await startRig()
  })
  afterEach(() => rig.close())

  const reason = `${interrupted}, and the training with it.`

  const stopped: TrainingEnd = { ...lostMachine, verdict: 'cancelled', cause: 'person' }

  /** Records it as the end of the job does, with a run that ended so at its provider. */
  async function record(
    state: 'claimed' | 'started' | 'failed',
    end = stopped,
    ended: PendingTraining['ended'] = null,
  ) {
    const { record: left } = await leaveRecord(rig, { revision: rig.head(), state })
    rig.provider.does({ inspect: async () => end })
    const key = left.recipe
    const ordered = order({}, { revision: left.revision, nonce: left.nonce, key })
    const run = left.run && { id: left.run.id, url: left.run.url ?? '', nextStep: null }
    const training = { ...pendingOf({ ...ordered, recipe: digits() }), run, ended }
    const recorded = await recordStopped({ training, reason }, rig.post().tools)
    return { recorded, records: await rig.records() }
  }

  test('It is cancelled with its workflow, not by a person, and has the cost that the provider says.', async () => {
    const { records } = await record('started')
    expect(records).toMatchObject([{ state: 'cancelled', cause: 'workflow', reason, began: true, cost: 0.1 }])
  })

  test('It is left to the next check when the training had succeeded before it could be stopped.', async () => {
    const { recorded, records } = await record('started', succeeded)
    expect(recorded).toBe('had succeeded')
    expect(records).toMatchObject([{ state: 'started' }])
  })

  test('It has the end that the step saw and could not record, and no provider is asked.', async () => {
    const facts = { began: true, cause: null, metrics: { eval_accuracy: 0.75 } }
    const { records } = await record('started', stopped, { verdict: 'succeeded', facts })
    expect(records).toMatchObject([{ state: 'succeeded', metrics: { eval_accuracy: 0.75 } }])
  })

  test('It is left to the next check, which has its cause, when the training had failed before that.', async () => {
    const { recorded, records } = await record('started', lostMachine)
    expect(recorded).toBe('had failed')
    expect(records).toMatchObject([{ state: 'started' }])
  })

  test('It is not said to have ended with the step when the ledger has another end.', async () => {
    const { recorded, records } = await record('failed')
    expect(recorded).toBe('ended before')
    expect(records).toMatchObject([{ state: 'failed' }])
  })

  test('A claim whose run was never recorded is cancelled too.', async () => {
    expect((await record('claimed')).records).toMatchObject([{ state: 'cancelled', cause: 'workflow' }])
  })
})
