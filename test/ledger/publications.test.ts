import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { newestPublished } from '../../src/ledger/publications/publication-log.ts'
import type { Begun, Done } from '../../src/ledger/publications/publication-record.ts'
import type { Publications } from '../../src/ledger/publications/publications.ts'
import { noLimits } from '../sandbox/github/github-rate-limit.ts'
import { key, type LocalLedger, revisionOf, start, startLocalLedger, workflow } from './local-ledger.ts'

let local: LocalLedger

beforeEach(async () => {
  local = await startLocalLedger({ limits: noLimits })
})

afterEach(() => local.github.close())

const at = new Date(start).toISOString()

function begun(n: number, to: string): Begun {
  const revision = revisionOf(`data ${n}`)
  const from = { model: `acme/run-${n}`, commit: revisionOf(`run ${n}`), revision, attempt: 1, nonce: `${n}` }
  return {
    version: 1,
    ...{ recipe: key, n, tries: 1, to, byHand: false, at },
    from: { ...from, claimed: at, metrics: {} },
    workflow: workflow('100'),
  }
}

function done(n: number, end: Done['end']): Done {
  const commit = end === 'published' ? revisionOf(`stable ${n}`) : null
  const place = { commit, parent: null, tag: null, tree: null, gate: null }
  return { version: 1, recipe: key, n, end, reason: '', ...place, workflow: workflow('100'), at }
}

async function publish(publications: Publications, n: number, to: string, end: Done['end']): Promise<void> {
  expect(await publications.begin(begun(n, to))).toBe(true)
  await publications.end(done(n, end))
}

describe('What is published', () => {
  test.each([45, 160])('It is known after %i runs that were held.', async (held) => {
    const { publications } = await local.open()
    await publish(publications, 1, 'acme/digits', 'published')
    await publish(publications, 2, 'acme/digits', 'published')
    for (let n = 3; n < 3 + held; n++) await publish(publications, n, 'acme/digits', 'held')
    local.github.requests.splice(0)
    const ledger = await local.open()
    await ledger.prepare(null)
    const log = await ledger.publications.read()
    expect(newestPublished(log, 'Acme/Digits')).toMatchObject({ n: 2 })
    expect(log.next).toBe(held + 3)
    expect(local.calls().length).toBeLessThanOrEqual(7)
  })

  test('A recipe that published to another name before is known by both.', async () => {
    const { publications } = await local.open()
    await publish(publications, 1, 'acme/digits', 'published')
    await publish(publications, 2, 'acme/numbers', 'published')
    for (let n = 3; n < 50; n++) {
      await publish(publications, n, n === 3 || n === 49 ? 'acme/digits' : 'acme/numbers', 'held')
    }
    const log = await (await local.open()).publications.read()
    expect(newestPublished(log, 'acme/digits')).toMatchObject({ n: 1 })
    expect(newestPublished(log, 'acme/numbers')).toMatchObject({ n: 2 })
  })
})
