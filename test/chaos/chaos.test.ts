import { expect, test } from '@jest/globals'
import { simulate } from './simulation.ts'

test('Days in which everything goes wrong: the action loses no commit, doubles no training, and forgets no run.', async () => {
  const result = await simulate({ seed: 5, events: 100, sabotage: null })
  expect(result).toMatchObject({
    lost: [],
    doubled: [],
    unneeded: [],
    orphaned: [],
    stuck: [],
    ...{ unpublished: [], mixed: [], wrong: [] },
    inLedger: result.paid,
  })
  expect(result.paid).toBeGreaterThan(50)
})

test('Days without a schedule: the relay that reconciles finds what no webhook reported, and asks for no check in vain.', async () => {
  const result = await simulate({ seed: 6, events: 100, sabotage: null, clockKind: 'reconcile' })
  expect(result).toMatchObject({ lost: [], doubled: [], unneeded: [], orphaned: [], stuck: [], idle: [] })
  expect(result).toMatchObject({ unpublished: [], mixed: [], wrong: [] })
  expect(result.counts).toMatchObject({ 'a workflow by a reconcile': expect.any(Number) })
})
