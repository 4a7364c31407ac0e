import { describe, expect, test } from '@jest/globals'
import {
  changeRecord,
  type LedgerRecord,
  newRecord,
  type RecordChanges,
  readRecord,
  writeRecord,
} from '../../src/ledger/record.ts'
import { claimant, key, revisionOf, run, start } from './local-ledger.ts'

const claimed = newRecord(claimant(), {
  recipe: key,
  revision: revisionOf('a'),
  attempt: 1,
  nonce: 'ab'.repeat(16),
  now: start,
})

function reread(record: object): LedgerRecord | null {
  return readRecord(JSON.stringify(record))
}

test('A record is written as JSON with one field on a line, and read back as it was.', () => {
  const text = writeRecord(claimed, [])
  expect(text).toContain('\n  "recipe": "acme-vision-12345678",\n')
  expect(readRecord(text)).toEqual(claimed)
  expect(claimed).toMatchObject({
    version: 1,
    verdict: null,
    run: null,
    times: { claimed: '2026-01-02T12:00:00.000Z', started: null, finished: null },
  })
})

test('A record of a later version of the action can be read, and keeps its unknown fields when it is changed.', () => {
  const later = reread({
    ...claimed,
    version: 7,
    gpu: { count: 8 },
    times: { ...claimed.times, queued: 'x' },
  })!
  const changed = changeRecord(later, { verdict: 'failed' }, start)
  expect(readRecord(writeRecord(changed, []))).toMatchObject({
    version: 7,
    gpu: { count: 8 },
    times: { queued: 'x' },
    verdict: 'failed',
  })
})

describe('Reading a record', () => {
  test.each([
    ['text', 'hello'],
    ['half a record', JSON.stringify(claimed).slice(0, -1)],
    ['an empty message', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ...Object.keys(claimed).map((name) => [
      `a record without ${name}`,
      JSON.stringify({ ...claimed, [name]: undefined }),
    ]),
    ['a record with an unknown verdict', JSON.stringify({ ...claimed, verdict: 'queued' })],
    ['a record whose revision is no sha', JSON.stringify({ ...claimed, revision: '../main' })],
    ['a record whose attempt is 0', JSON.stringify({ ...claimed, attempt: 0 })],
    ['a record with an empty nonce', JSON.stringify({ ...claimed, nonce: '' })],
    [
      'a record claimed at no time',
      JSON.stringify({ ...claimed, times: { ...claimed.times, claimed: 'now' } }),
    ],
    ['a record whose metrics are text', JSON.stringify({ ...claimed, metrics: { accuracy: '0.9' } })],
  ])('It returns null for %s.', (_what, message) => {
    expect(readRecord(message)).toBeNull()
  })
})

describe('The times of a record', () => {
  const later = start + 1000
  const at = '2026-01-02T12:00:01.000Z'
  const given = '2026-01-01T00:00:00.000Z'
  test.each<[string, RecordChanges, object]>([
    [
      'has started when it has a run',
      { run },
      { verdict: 'started', times: { started: at, finished: null } },
    ],
    ['has started when its verdict does', { verdict: 'started' }, { times: { started: at, finished: null } }],
    ['has ended with its verdict', { run, verdict: 'failed' }, { times: { started: at, finished: at } }],
    [
      'never started when it was cancelled without a run',
      { verdict: 'cancelled' },
      { times: { started: null, finished: at } },
    ],
    [
      'has the times of the changes',
      { run, verdict: 'succeeded', startedAt: given, finishedAt: given },
      { times: { started: given, finished: given } },
    ],
    [
      'is still a claim when only the project changes',
      { project: 'p-2' },
      { verdict: null, times: { started: null, finished: null } },
    ],
  ])('A record %s.', (_what, changes, expected) => {
    expect(changeRecord(claimed, changes, later)).toMatchObject(expected)
  })

  test('A record that was saved as started and never began has no start time.', () => {
    const started = changeRecord(claimed, { verdict: 'started' }, later)
    const never = changeRecord(started, { verdict: 'cancelled', startedAt: null }, later)
    expect(never).toMatchObject({ verdict: 'cancelled', times: { started: null, finished: at } })
  })

  test('A time that is set does not change.', () => {
    const started = changeRecord(claimed, { run }, later)
    const ended = changeRecord(started, { verdict: 'succeeded' }, later + 1000)
    expect(ended.times).toMatchObject({ started: at, finished: '2026-01-02T12:00:02.000Z' })
    expect(changeRecord(ended, { discussionUrl: 'https://hub.test/d/1' }, later + 9000).times).toEqual(
      ended.times,
    )
  })
})

test('Secrets are not written in any field.', () => {
  const secret = 'hf_secret"with\\quotes'
  const record = changeRecord(
    claimed,
    { reason: `refused ${secret}!`, run: { id: secret, url: `https://x/?${secret}` }, model: secret },
    start,
  )
  const text = writeRecord(record, [secret])
  expect(text).not.toContain(JSON.stringify(secret).slice(1, -1))
  expect(text).not.toContain('hf_secret')
  expect(readRecord(text)).toMatchObject({ reason: 'refused ***!', run: { id: '***' }, model: '***' })
})

test.each([
  ['encoded in base64', Buffer.from('user:hf_a_long_secret').toString('base64')],
  ['cut off with a long reason', `${'x'.repeat(1995)}hf_a_long_secret`],
])('A secret that is %s is not written.', (_, reason) => {
  const text = writeRecord(changeRecord(claimed, { reason }, start), ['hf_a_long_secret'])
  expect(text).not.toContain(reason.slice(-15))
  expect(text).not.toContain('hf_')
})

test('Metrics that JSON cannot represent are left out, and a long reason is cut.', () => {
  const metrics = { accuracy: 0.9, loss: Number.NaN, worst: Number.POSITIVE_INFINITY }
  const record = changeRecord(claimed, { metrics, reason: 'x'.repeat(5000) }, start)
  const read = readRecord(writeRecord(record, []))
  expect(read?.metrics).toEqual({ accuracy: 0.9 })
  expect(read?.reason).toHaveLength(2000)
})

test('An invalid record is not written, and the error names the field.', () => {
  const broken = changeRecord(claimed, { startedAt: 'yesterday' }, start)
  expect(() => writeRecord(broken, [])).toThrow(/^Invalid ledger record \(bug\): times\.started: /)
})
