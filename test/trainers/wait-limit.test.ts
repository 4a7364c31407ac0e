import { describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../src/domain/recipe.ts'
import { Refused } from '../../src/domain/verdict.ts'
import { checkWait } from '../../src/trainers/wait-limit.ts'
import { order } from './order.ts'

const minute = 60_000
const hosted = 360 * minute

const check = (change: Partial<Recipe>, limit: number | null = hosted) =>
  checkWait(order({ trainer: 'job', ...change }), limit)

describe('On a runner of GitHub', () => {
  test.each([
    ['a Job may take 5 h 30 min, with time to queue', { timeout: 330 * minute }],
    ['settle is taken from that', { timeout: 300 * minute, settle: 30 * minute }],
    ['a command may take 5 h 50 min: it does not queue', { timeout: 350 * minute, trainer: 'command' }],
    ['a Job that nobody waits for may take longer', { timeout: 3000 * minute, wait: false }],
  ] as const)('%s.', (_title, change) => {
    check(change)
    if (!('wait' in change)) {
      expect(() => check({ ...change, timeout: change.timeout + minute })).toThrow(Refused)
    }
  })

  test('a Job that would just fit without its queue is refused, with what the time is made of.', () => {
    expect(() => check({ timeout: 355 * minute, settle: 15 * minute })).toThrow(
      'timeout: a job on a runner of GitHub ends after 6 h, and this one may need 6 h 40 min (timeout 5 h 55 min, ' +
        'settle 15 min, 20 min for the queue of Hugging Face Jobs, 10 min for what comes before and after): ' +
        'shorten timeout to 315m, set wait: false (the next run of the workflow tells how it ended), ' +
        'or use a self-hosted runner.',
    )
  })

  test('a command is told its own ways out.', () => {
    expect(() => check({ timeout: 360 * minute, trainer: 'command' })).toThrow(
      '6 h 10 min (timeout 6 h, 10 min for what comes before and after): shorten timeout to 350m, ' +
        'or use a self-hosted runner.',
    )
  })

  test('a settle time that leaves nothing is what has to be shortened.', () => {
    expect(() => check({ timeout: minute, settle: 350 * minute })).toThrow(': shorten settle, ')
  })
})

test('On a runner of one’s own a Job may take as long as it wants.', () => {
  check({ timeout: 9000 * minute }, null)
})
