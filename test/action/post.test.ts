import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { stopTraining } from '../../src/action/post.ts'
import type { Trainer } from '../../src/domain/training.ts'
import { recipeKey } from '../../src/recipe/recipe-key.ts'
import { createPending } from '../../src/run/pending.ts'
import { run, train } from '../ledger/local-ledger.ts'
import { digits, type Rig, startRig } from '../run/rig.ts'
import { order } from '../trainers/order.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the end of the job says about what the step left behind. */
function warningsOf(state: Record<string, string>): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? '', ...state }
    const args = ['--import', './test/node-setup.js', 'src/post.ts']
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout) => {
      if (error !== null) return reject(error)
      resolve(stdout.split('\n').flatMap((line) => /^::warning.*?::(.*)$/.exec(line)?.[1] ?? []))
    })
  })
}

/** The state after a training was ordered and became something. */
function stateAfter(became: string | null): string {
  let state = ''
  const pending = createPending((json) => {
    state = json
  })
  const one = order({ command: 'echo secret' })
  pending.add({ order: one, ledgerKey: 'key' })
  if (became !== null) pending.remove(one, became)
  return state
}

describe('A step that was ended before it could tell its verdict', () => {
  const ended = 'auto-retrain was ended before it could tell a verdict.'

  test('is said not to have ordered a training only where it had not.', async () => {
    expect(await warningsOf({})).toEqual([`${ended} It had not ordered a training.`])
  })

  test.each(['had ended: succeeded', 'was not started', 'goes on by itself', 'was stopped'])(
    'is said what its training became: it %s.',
    async (became) => {
      const state = stateAfter(became)
      expect(await warningsOf({ STATE_pending: state })).toEqual([
        `${ended} The training of digits-1 ${became}.`,
      ])
      expect(state).not.toContain('secret')
    },
  )
})

test('A step that told its verdict leaves nothing to say.', async () => {
  const state = { STATE_finished: 'true', STATE_pending: stateAfter('had ended: succeeded') }
  expect(await warningsOf(state)).toEqual([])
})

describe('A training that the step left behind', () => {
  let rig: Rig

  beforeEach(async () => {
    rig = await startRig()
  })
  afterEach(() => rig.close())

  const ledgerKey = recipeKey(digits())
  const ended = 'auto-retrain was ended before it could tell a verdict.'

  /** What is said of a training whose record was left like this, and how its record is then. */
  async function lookAfter(changes: object, change: { [K in keyof Trainer]?: undefined } = {}) {
    const ordered = order({}, { revision: 'a'.repeat(40) })
    const ledger = await rig.local.open({}, ledgerKey)
    const { record } = await train(ledger, { revision: ordered.revision, changes })
    const trainer = { ...rig.provider.trainer(), ...change } as Trainer
    const { tools, lines } = rig.endOfJob(trainer)
    const recipe = digits({ trainer: trainer.name })
    await stopTraining({ order: { ...ordered, recipe, nonce: record.nonce }, ledgerKey }, tools)
    return { lines, record: (await rig.records())[0] }
  }

  test('is stopped, and its record says so.', async () => {
    const { lines, record } = await lookAfter({ run, verdict: 'started' })
    expect(lines[0]).toBe(`Stopped the training digits-1: ${run.url}`)
    expect(record).toMatchObject({ verdict: 'cancelled' })
  })

  test('and that nobody can find is said not to be known, and keeps its claim.', async () => {
    const { lines, record } = await lookAfter({})
    expect(lines).toEqual([
      'warning: Nobody can tell whether the training digits-1 was started: its provider does not show one. ' +
        'The next run of this workflow looks for it once more.',
    ])
    expect(record).toMatchObject({ verdict: null })
  })

  const classic = { find: undefined, follow: undefined, inspect: undefined, cancel: undefined }

  test('and that waits for a person is said to be there, and not called cancelled.', async () => {
    const { lines, record } = await lookAfter({ run, verdict: 'started' }, classic)
    expect(lines).toEqual([`warning: ${ended} digits-1 is there: ${run.url}`])
    expect(record).toMatchObject({ verdict: 'started' })
  })

  test('and whose command ran on the runner is not said to be stopped: that it ends with the job is.', async () => {
    const command = { find: undefined, inspect: undefined }
    const { lines, record } = await lookAfter({ run, verdict: 'started' }, command)
    const reason = 'The step was ended by force; what it ran on the runner ends with the job.'
    expect(lines).toEqual([`warning: The training digits-1: ${reason}`])
    expect(record).toMatchObject({ verdict: 'cancelled', reason })
  })

  test.each([
    ['was being prepared for a person is said to be there perhaps', classic, /^The step .* it may be there/],
    [
      'ran on the runner is said to have ended with it',
      { find: undefined, inspect: undefined },
      /ends with the job/,
    ],
  ])('and that %s.', async (_what, change, reason) => {
    const { record } = await lookAfter({ verdict: 'started' }, change)
    expect(record).toMatchObject({ verdict: 'cancelled', reason: expect.stringMatching(reason) })
  })
})
