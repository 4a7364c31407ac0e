import { describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../src/domain/recipe.ts'
import { Refused } from '../../src/domain/verdict.ts'
import { checkWait } from '../../src/trainers/wait-limit.ts'
import { order } from './order.ts'

const minute = 60_000
const hosted = 360 * minute

const check = (change: Partial<Recipe>, limit: number | null = hosted) =>
  checkWait(order({ trainer: 'job', ...change }), limit)

describe('On a GitHub-hosted runner', () => {
  test.each([
    ['a Job may take 5 h 30 min, which leaves time for the queue', { timeout: 330 * minute }],
    ['a Job with 30 min of settle time may take 5 h', { timeout: 300 * minute, settle: 30 * minute }],
    [
      'a command may take 5 h 50 min, because it does not queue',
      { timeout: 350 * minute, trainer: 'command' },
    ],
    ['a Job with wait: false may take longer', { timeout: 3000 * minute, wait: false }],
  ] as const)('%s.', (_title, change) => {
    check(change)
    if (!('wait' in change)) {
      expect(() => check({ ...change, timeout: change.timeout + minute })).toThrow(Refused)
    }
  })

  test('a Job that fits only without its queue is refused with the parts of its time.', () => {
    expect(() => check({ timeout: 355 * minute, settle: 15 * minute })).toThrow(
      'timeout: a job on a GitHub-hosted runner ends after 6 h, and this one may need 6 h 40 min (timeout 5 h 55 min, ' +
        'settle 15 min, 20 min in the queue of Hugging Face Jobs, 10 min for the other steps): ' +
        'shorten timeout to 315m, set wait: false (the next workflow run records the result), ' +
        'or use a self-hosted runner.',
    )
  })

  test('the refusal of a command does not suggest wait: false.', () => {
    expect(() => check({ timeout: 360 * minute, trainer: 'command' })).toThrow(
      '6 h 10 min (timeout 6 h, 10 min for the other steps): shorten timeout to 350m, ' +
        'or use a self-hosted runner.',
    )
  })

  test('a settle time that leaves no time to train must be shortened.', () => {
    expect(() => check({ timeout: minute, settle: 350 * minute })).toThrow(': shorten settle, ')
  })
})

test('On a self-hosted runner a Job may take any time.', () => {
  check({ timeout: 9000 * minute }, null)
})
