import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { stopTraining } from '../../src/action/post.ts'
import type { Trainer } from '../../src/domain/training.ts'
import { recipeKey } from '../../src/recipe/recipe-key.ts'
import { createPending } from '../../src/run/close/pending.ts'
import { run, train } from '../ledger/local-ledger.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { order } from '../trainers/order.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The warnings that `post` prints, given the state that `main` saved. */
function warningsOf(state: Record<string, string>): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? '', STATE_isPost: 'true', ...state }
    const args = ['--import', './test/node-setup.js', 'src/index.ts']
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout) => {
      if (error !== null) return reject(error)
      resolve(stdout.split('\n').flatMap((line) => /^::warning.*?::(.*)$/.exec(line)?.[1] ?? []))
    })
  })
}

/** The state after a training was ordered and, unless null, ended in some way. */
function stateAfter(howItEnded: string | null): string {
  let state = ''
  const pending = createPending((json) => {
    state = json
  })
  const one = order({ command: 'echo secret' })
  pending.add({ order: one, ledgerKey: 'key' })
  if (howItEnded !== null) pending.remove(one, howItEnded)
  return state
}

describe('The post of a step that was killed before it reported a verdict', () => {
  const killed = 'The step was killed before it could report a verdict.'

  test('It says that the step had not ordered a training if it had not.', async () => {
    expect(await warningsOf({})).toEqual([`${killed} It had not ordered a training.`])
  })

  test.each(['had ended: succeeded', 'was not started', 'continues on its own', 'was stopped'])(
    'It says how the training of the step ended: it %s.',
    async (howItEnded) => {
      const state = stateAfter(howItEnded)
      expect(await warningsOf({ STATE_pending: state })).toEqual([
        `${killed} The training of digits-1 ${howItEnded}.`,
      ])
      expect(state).not.toContain('secret')
    },
  )
})

test('The post of a step that reported its verdict prints nothing.', async () => {
  const state = { STATE_finished: 'true', STATE_pending: stateAfter('had ended: succeeded') }
  expect(await warningsOf(state)).toEqual([])
})

describe('A training that the killed step left behind', () => {
  let rig: Rig

  beforeEach(async () => {
    rig = await startRig()
  })
  afterEach(() => rig.close())

  const ledgerKey = recipeKey(digits())
  const killed = 'The step was killed before it could report a verdict.'

  /** What `post` prints about a training whose record was left like this, and its record afterwards. */
  async function stop(changes: object, change: { [K in keyof Trainer]?: undefined } = {}) {
    const ordered = order({}, { revision: 'a'.repeat(40) })
    const ledger = await rig.local.open({}, ledgerKey)
    const { record } = await train(ledger, { revision: ordered.revision, changes })
    const trainer = { ...rig.provider.trainer(), ...change } as Trainer
    const { tools, lines } = rig.post(trainer)
    const recipe = digits({ trainer: trainer.name })
    await stopTraining({ order: { ...ordered, recipe, nonce: record.nonce }, ledgerKey }, tools)
    return { lines, record: (await rig.records())[0] }
  }

  test('The training is stopped, and its record says so.', async () => {
    const { lines, record } = await stop({ run, verdict: 'started' })
    expect(lines[0]).toBe(`Stopped the training digits-1: ${run.url}`)
    expect(record).toMatchObject({ verdict: 'cancelled' })
  })

  test('A training that the provider does not list is reported, and keeps its claim.', async () => {
    const { lines, record } = await stop({})
    expect(lines).toEqual([
      'warning: It is unknown whether the training digits-1 was started: its provider lists no run of it. ' +
        'The next run of this workflow looks again.',
    ])
    expect(record).toMatchObject({ verdict: null })
  })

  const classic = { find: undefined, follow: undefined, inspect: undefined, cancel: undefined }

  test('A project that waits for a person is reported, and not cancelled.', async () => {
    const { lines, record } = await stop({ run, verdict: 'started' }, classic)
    expect(lines).toEqual([`warning: ${killed} The project digits-1 is prepared: ${run.url}`])
    expect(record).toMatchObject({ verdict: 'started' })
  })

  test('A command on the runner is reported to end with the job.', async () => {
    const command = { find: undefined, inspect: undefined }
    const { lines, record } = await stop({ run, verdict: 'started' }, command)
    const reason = 'The step was killed; its command on the runner ends with the job.'
    expect(lines).toEqual([`warning: The training digits-1: ${reason}`])
    expect(record).toMatchObject({ verdict: 'cancelled', reason })
  })

  test.each([
    ['a project that was being prepared', classic, /^The step .* the project may exist/],
    ['a command that was being started', { find: undefined, inspect: undefined }, /ends with the job/],
  ])('The record of %s says what may be left.', async (_what, change, reason) => {
    const { record } = await stop({ verdict: 'started' }, change)
    expect(record).toMatchObject({ verdict: 'cancelled', reason: expect.stringMatching(reason) })
  })
})
