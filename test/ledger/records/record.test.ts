import { describe, expect, test } from '@jest/globals'
import { createHider } from '../../../src/http/hide-secret.ts'
import { toPastRun } from '../../../src/ledger/history.ts'
import {
  hasEnded,
  isOpen,
  type LedgerRecord,
  linkOf,
  mayRun,
  newRecord,
  readRecord,
  recordStates,
  writeRecord,
} from '../../../src/ledger/record.ts'
import { applyTransition } from '../../../src/ledger/transitions.ts'
import { dataOf, factsOf, key, revisionOf, run, start } from '../local-ledger.ts'

const claimed = newRecord(factsOf(), {
  recipe: key,
  revision: revisionOf('a'),
  attempt: 1,
  nonce: 'ab'.repeat(16),
  now: start,
})
const asIs = (text: string) => text
const reread = (record: object) => readRecord(JSON.stringify(record))

test('A record is written as JSON with one field on a line, and read back as it was.', () => {
  const text = writeRecord(claimed, asIs)
  expect(text).toContain('\n  "recipe": "acme-vision-12345678",\n')
  expect(readRecord(text)).toEqual(claimed)
  expect(claimed).toMatchObject({
    version: 2,
    state: 'claimed',
    began: false,
    run: null,
    data: dataOf('a'),
    times: { claimed: '2026-01-02T12:00:00.000Z', ordered: null, started: null, finished: null },
  })
})

test('Fields that a newer version of the action added stay when this one changes the record.', () => {
  const newer = reread({ ...claimed, gpu: { count: 8 }, times: { ...claimed.times, queued: 'x' } })
  if (newer === null) throw new Error('It should have been read.')
  const changed = applyTransition(newer, 'failed', { facts: { cause: 'training' }, now: start })
  expect(readRecord(writeRecord(changed, asIs))).toMatchObject({
    gpu: { count: 8 },
    times: { queued: 'x' },
    state: 'failed',
  })
})

test('A record keeps which metrics were not measured, at most 200, and a run of the past has them.', () => {
  const lost = { name: 'eval_loss', value: 'nan', epoch: 2 } as const
  const many = Array.from({ length: 300 }, (_, n) => ({ ...lost, name: `eval_${n}` }))
  const read = readRecord(writeRecord({ ...claimed, metrics: {}, unmeasured: [lost, ...many] }, asIs))
  expect(read?.unmeasured).toHaveLength(200)
  if (read === null) throw new Error('It should have been read.')
  const past = toPastRun({ ref: 'r', sha: 's', record: read, with: [] })
  expect(past.unmeasured?.[0]).toEqual(lost)
  expect(readRecord(writeRecord(claimed, asIs))).not.toHaveProperty('unmeasured')
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
    ['a record of version 3', JSON.stringify({ ...claimed, version: 3 })],
    ['a record in an unknown state', JSON.stringify({ ...claimed, state: 'queued' })],
    ['a record with an unknown cause', JSON.stringify({ ...claimed, cause: 'weather' })],
    ['a record whose revision is no sha', JSON.stringify({ ...claimed, revision: '../main' })],
    ['a record whose attempt is 0', JSON.stringify({ ...claimed, attempt: 0 })],
    ['a record with an empty nonce', JSON.stringify({ ...claimed, nonce: '' })],
    [
      'a record whose digest is short',
      JSON.stringify({ ...claimed, data: { ...dataOf('a'), digest: 'ab' } }),
    ],
    [
      'a record claimed at no time',
      JSON.stringify({ ...claimed, times: { ...claimed.times, claimed: 'now' } }),
    ],
    ['a record whose metrics are text', JSON.stringify({ ...claimed, metrics: { accuracy: '0.9' } })],
  ])('Reading %s gives null.', (_what, message) => {
    expect(readRecord(message)).toBeNull()
  })
})

describe('A record of version 1', () => {
  const { data, howItRuns, whatItMakes, baseModel, dataset, publishTo, publish, ...rest } = claimed
  const { state, began, cause, automatic, modelHead, cost, trainedMs, ...shared } = rest
  const { ordered, ...times } = shared.times
  const first = { ...shared, version: 1, verdict: null, times }
  const at = '2026-01-02T12:01:00.000Z'
  const rows: [string, object, Partial<LedgerRecord>][] = [
    ['without a verdict is a claim', {}, { state: 'claimed', began: false, cause: null, automatic: true }],
    ['that a person started is not automatic', { trigger: 'manual' }, { automatic: false }],
    [
      'that was started is started',
      { verdict: 'started', run, times: { ...times, started: at } },
      { state: 'started', began: true, run, times: { ...claimed.times, started: at, ordered: at } },
    ],
    [
      'that succeeded has succeeded',
      { verdict: 'succeeded', run, times: { ...times, started: at, finished: at }, metrics: { a: 1 } },
      { state: 'succeeded', began: true, metrics: { a: 1 }, cause: null },
    ],
    [
      'that failed has failed because of its training',
      { verdict: 'failed', run, times: { ...times, started: at, finished: at } },
      { state: 'failed', cause: 'training', began: true },
    ],
    [
      'of a command that failed has begun, although it has no run',
      { verdict: 'failed', times: { ...times, started: at, finished: at } },
      { state: 'failed', cause: 'training', began: true },
    ],
    [
      'that was cancelled was cancelled with its workflow run',
      { verdict: 'cancelled', run, times: { ...times, started: at, finished: at } },
      { state: 'cancelled', cause: 'workflow', began: true },
    ],
    [
      'that was closed without a run never began',
      { verdict: 'cancelled', times: { ...times, finished: at } },
      { state: 'failed', cause: 'infrastructure', began: false },
    ],
  ]
  test.each(rows)('A record %s.', (_what, change, expected) => {
    const read = reread({ ...first, ...change })
    expect(read).toMatchObject({ version: 2, data: null, howItRuns: null, publish: null, ...expected })
  })

  test.each(rows)('Written again, a record %s, and is of version 2.', (_what, change) => {
    const read = reread({ ...first, ...change })
    if (read === null) throw new Error('It should have been read.')
    expect(readRecord(writeRecord(read, asIs))).toEqual(read)
    expect(writeRecord(read, asIs)).toContain('"version": 2')
    expect(writeRecord(read, asIs)).not.toContain('verdict')
  })
})

test('Only the last three states are an end, and a run may be running in two of the others.', () => {
  expect(recordStates.filter((state) => hasEnded({ state }))).toEqual(['succeeded', 'failed', 'cancelled'])
  expect(recordStates.filter((state) => mayRun({ state }))).toEqual(['started', 'out-of-sight'])
  expect(recordStates.filter((state) => isOpen({ state, publish: null }))).toEqual([
    'claimed',
    'started',
    'out-of-sight',
  ])
  expect(isOpen({ state: 'succeeded', publish: 'due' })).toBe(true)
})

test('The link of an attempt is its run, and without one its workflow run.', () => {
  expect(linkOf({ ...claimed, run })).toBe(run.url)
  expect(linkOf({ ...claimed, run: { id: 'x', url: null } })).toBe(claimed.workflow.url)
  expect(linkOf(claimed)).toBe(claimed.workflow.url)
})

test('Secrets are not written in any field.', () => {
  const secret = 'hf_secret"with\\quotes'
  const record = {
    ...claimed,
    reason: `refused ${secret}!`,
    run: { id: secret, url: `https://x/?${secret}` },
    model: secret,
  }
  const text = writeRecord(record, createHider([secret]))
  expect(text).not.toContain(JSON.stringify(secret).slice(1, -1))
  expect(text).not.toContain('hf_secret')
  expect(readRecord(text)).toMatchObject({ reason: 'refused ***!', run: { id: '***' }, model: '***' })
})

test.each([
  ['encoded in base64', Buffer.from('user:hf_a_long_secret').toString('base64')],
  ['cut off with a long reason', `${'x'.repeat(1995)}hf_a_long_secret`],
])('A secret that is %s is not written.', (_, reason) => {
  const text = writeRecord({ ...claimed, reason }, createHider(['hf_a_long_secret']))
  expect(text).not.toContain(reason.slice(-15))
  expect(text).not.toContain('hf_')
})

test('Metrics that JSON cannot represent are left out, many metrics and a long reason are cut.', () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`metric_${n}`, n]))
  const metrics = { accuracy: 0.9, loss: Number.NaN, worst: Number.POSITIVE_INFINITY, ...many }
  const text = writeRecord({ ...claimed, metrics, reason: 'x'.repeat(5000) }, asIs)
  const read = readRecord(text)
  expect(read?.metrics).toMatchObject({ accuracy: 0.9, metric_198: 198 })
  expect(Object.keys(read?.metrics ?? {})).toHaveLength(200)
  expect(read?.reason).toHaveLength(2000)
  expect(text.length).toBeLessThan(20_000)
})

test('An invalid record is not written, and the error names the field.', () => {
  const broken = { ...claimed, times: { ...claimed.times, started: 'yesterday' } }
  expect(() => writeRecord(broken, asIs)).toThrow(/^Invalid ledger record \(bug\): times\.started: /)
})
