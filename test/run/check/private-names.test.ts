import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { jobSummary } from '../../../src/report/summary/summary.ts'
import { failed } from '../provider.ts'
import { dataset, digits, type Rig, startRig } from '../rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

describe('A base model that hf-token cannot see', () => {
  test('It is not named on a public dataset.', async () => {
    rig.hub.addUser({ name: 'bob', token: 'hf_bob' })
    rig.hub.createModel({ name: 'bob/secret-base', private: true })
    const { outcome } = await rig.run({
      recipes: [digits({ inputModel: 'bob/secret-base', discussion: 'thread' })],
    })
    const shown = JSON.stringify(rig.hub.discussions('ann/digits'))
    expect(shown).toContain('auto-retrain')
    expect([outcome.verdict, shown.includes('secret-base')]).toEqual(['succeeded', false])
  })

  test('It is not named in a public repository either, and the log of its training is not quoted there.', async () => {
    rig.hub.addUser({ name: 'bob', token: 'hf_bob' })
    rig.hub.createModel({ name: 'bob/secret-base', private: true })
    rig.provider.does({ follow: async () => ({ ...failed, reason: 'bob/secret-base: no' }) })
    const { outcome, lines } = await rig.run({ recipes: [digits({ inputModel: 'bob/secret-base' })] })
    expect([outcome.verdict, outcome.baseVisibility]).toEqual(['failed', 'unknown'])
    expect(`${outcome.reason} ${lines.join(' ')} ${JSON.stringify(await rig.records())}`).not.toContain(
      'secret-base',
    )
  })

  test('One without a namespace is canonical, and public.', async () => {
    const { outcome } = await rig.run({ recipes: [digits({ inputModel: 'gone-from-the-hub' })] })
    expect(outcome.baseVisibility).toBe('public')
  })
})

test('A dataset that is private by now is not named although an older event says that it was public', async () => {
  const old = rig.head()
  rig.commit()
  Object.assign(rig.hub.repository(dataset), { private: true })
  const event = {
    event: { action: 'update', scope: 'repo.content' },
    repo: { type: 'dataset', name: dataset, id: undefined, private: false, headSha: old },
    updatedRefs: [{ ref: 'refs/heads/main', oldSha: null, newSha: old }],
    movedTo: undefined,
    webhook: undefined,
  }
  const { outcome } = await rig.run({ request: { event } })
  expect(outcome.reason).toContain('Superseded')
  const summary = jobSummary([outcome], {
    trigger: 'dispatch',
    delivery: null,
    workflowUrl: 'https://github.test/x',
    repositoryVisibility: 'public',
    hubUrl: rig.hub.url,
  })
  expect([outcome.datasetVisibility, summary.includes(dataset)]).toEqual(['private', false])
})

test('A dataset that becomes private while it settles is not named afterwards', async () => {
  const { outcome } = await rig.run({
    recipes: [digits({ settle: 60_000 })],
    onLine: (line) => {
      if (!line.startsWith('Waiting for the dataset to settle')) return
      Object.assign(rig.hub.repository(dataset), { private: true })
    },
  })
  expect([outcome.verdict, outcome.datasetVisibility]).toEqual(['succeeded', 'private'])
})

test('An old event that says that the dataset was private hides its name until the Hub is asked', async () => {
  const other = 'c'.repeat(40)
  const event = {
    event: { action: 'update', scope: 'repo.content' },
    repo: { type: 'dataset', name: dataset, id: undefined, private: true, headSha: other },
    updatedRefs: [{ ref: 'refs/heads/main', oldSha: null, newSha: other }],
    movedTo: undefined,
    webhook: undefined,
  }
  const { outcome } = await rig.run({ request: { event } })
  expect([outcome.verdict, outcome.datasetVisibility]).toEqual(['refused', 'private'])
})
