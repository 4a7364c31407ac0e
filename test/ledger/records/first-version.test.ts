import { expect, test } from '@jest/globals'
import { isOverdue } from '../../../src/ledger/decide.ts'
import { readRecord } from '../../../src/ledger/record.ts'

test('A claim of version 1 without a run has a deadline, at which it is closed', async () => {
  const first = {
    version: 1,
    recipe: 'k',
    revision: 'a'.repeat(40),
    attempt: 1,
    nonce: 'n',
    atHead: true,
    deliveryId: null,
    trigger: 'schedule',
    workflow: { runId: '1', runAttempt: 1, url: 'https://github.test/1' },
    trainer: 'job',
    project: 'p',
    run: null,
    model: null,
    discussionUrl: null,
    verdict: null,
    reason: null,
    metrics: null,
    costEstimate: null,
    times: { claimed: '2026-01-01T00:00:00.000Z', started: null, finished: null },
    deadline: null,
  }
  const record = readRecord(JSON.stringify(first))
  expect(record?.state).toBe('claimed')
  expect(record !== null && isOverdue(record, Date.parse('2027-01-01T00:00:00.000Z'))).toBe(true)
})
