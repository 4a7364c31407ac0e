import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, jest, test } from '@jest/globals'
import { createPending } from '../../src/action/pending.ts'
import { order } from '../trainers/order.ts'

// A process of its own for each test, on a machine that is busy with other suites.
jest.setTimeout(60_000)

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
