import { expect, test } from '@jest/globals'
import { Refused } from '../../../src/domain/verdict.ts'
import { createPending, readPending } from '../../../src/run/close/pending.ts'
import { order } from '../../trainers/order.ts'

const run = { id: 'job-1', url: 'https://provider.test/job-1', nextStep: null }
const training = { order: order(), run: null, process: null, claim: 'refs/auto-retrain/x', ended: null }

/** A state file whose disk is full or not. */
function start() {
  let saved = ''
  let isFull = false
  const warnings: string[] = []
  const save = (json: string) => {
    if (isFull)
      throw new Error('GITHUB_STATE (/state) cannot be written: ENOSPC: no space left on device, write')
    saved = json
  }
  return {
    pending: createPending(save, (message) => warnings.push(message)),
    warnings,
    saved: () => readPending(saved),
    fill(full: boolean) {
      isFull = full
    },
  }
}

test('Before the order, a state that cannot be saved refuses it with the name of the file.', () => {
  const { pending, fill, warnings, saved } = start()
  fill(true)
  expect(() => pending.add(training)).toThrow(Refused)
  expect(() => pending.add(training)).toThrow(
    /^Nothing was started, because it could not be stopped again: GITHUB_STATE \(\/state\) cannot be written: ENOSPC/,
  )
  fill(false)
  pending.remove(training.order, 'was not started')
  expect(saved().trainings).toEqual([])
  expect(warnings).toEqual([])
})

test('What a training starts from, and what was published then, survive until the end of the job.', () => {
  const { pending, saved } = start()
  const ordered = {
    published: { model: 'acme/digits', commit: 'e'.repeat(40) },
    startFrom: { model: 'ann/digits-1d55c3a', revision: 'c'.repeat(40) },
  }
  pending.add({ ...training, order: order({}, ordered) })
  expect(saved().trainings[0]?.order).toMatchObject(ordered)
})

test('After the order, a state that cannot be saved is a warning: the training goes on, and the next save has it.', () => {
  const { pending, fill, warnings, saved } = start()
  pending.add(training)
  fill(true)
  pending.add({ ...training, run })
  expect(warnings).toEqual([
    expect.stringMatching(/could not be saved \(GITHUB_STATE \(\/state\) cannot be written/),
  ])
  fill(false)
  pending.add({ ...training, order: order({}, { nonce: 'other0000' }) })
  expect(saved().trainings.map(({ run: known }) => known?.id ?? null)).toEqual(['job-1', null])
})

test('A training that has ended while the disk is full is a warning too.', () => {
  const { pending, fill, warnings } = start()
  pending.add(training)
  fill(true)
  pending.remove(training.order, 'has ended')
  expect(warnings).toHaveLength(1)
})
