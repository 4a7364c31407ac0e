import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { dataset, digits, type Rig, startRig } from '../rig.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const dry = (change: Partial<Recipe> = {}) =>
  rig.run({ recipes: [digits(change)], request: { dryRun: true, byPerson: true } })

const checkOf = async (id: string, change: Partial<Recipe> = {}) => {
  const { outcome } = await dry(change)
  return { outcome, check: outcome.plan?.checks.find((check) => check.id === id) }
}

describe('The rights of hf-token', () => {
  test('A token that cannot start Jobs is refused before anything is claimed, with what to do.', async () => {
    rig.hub.fault({
      path: /whoami/,
      status: 200,
      body: { name: 'ann', auth: { accessToken: { role: 'read' } } },
      times: Number.POSITIVE_INFINITY,
    })
    const { outcome } = await rig.run({ recipes: [digits()] })
    expect(outcome).toMatchObject({
      verdict: 'refused',
      reason: expect.stringMatching(
        /^hf-token: a read token, which cannot start and manage Jobs: use a write token/,
      ),
    })
    expect(rig.provider.paid).toEqual([])
    expect(rig.home.refs().filter((ref) => !ref.includes('/seen/'))).toEqual([])
  })

  test('Rights that the Hub does not tell are said to be unknown, and stop nothing.', async () => {
    rig.hub.fault({ path: /whoami/, status: 500, times: Number.POSITIVE_INFINITY })
    const { outcome, check } = await checkOf('token-jobs')
    expect(outcome.verdict).toBe('planned')
    expect(check).toMatchObject({ verdict: 'unknown', found: expect.stringMatching(/^not known: /) })
  })

  test('Whether github-token may write is not checked by a dry run, and is by a real one.', async () => {
    expect((await checkOf('github-token')).check).toMatchObject({ verdict: 'unknown' })
    const { outcome } = await rig.run()
    expect(outcome.plan?.checks.find(({ id }) => id === 'github-token')).toMatchObject({ verdict: 'passed' })
  })
})

describe('The base model', () => {
  const missing = { inputModel: 'microsoft/resnet-5000' }

  test('One that the Hub does not show is refused for AutoTrain, which reads it with hf-token.', async () => {
    const { outcome } = await checkOf('base-model', { ...missing, trainer: 'autotrain' })
    expect(outcome).toMatchObject({
      verdict: 'refused',
      reason: expect.stringMatching(/^input-model: the Hub shows no such model to hf-token: check its name/),
    })
  })

  test('A script may never read it, so that it is only said there.', async () => {
    const { outcome, check } = await checkOf('base-model', missing)
    expect(outcome.verdict).toBe('planned')
    expect(check).toMatchObject({ verdict: 'warned' })
  })

  test('An image of the recipe may hold it, so that it is only said there.', async () => {
    const change = { ...missing, trainer: 'autotrain', image: 'acme/trainer:1' } as const
    expect((await checkOf('base-model', change)).check).toMatchObject({ verdict: 'warned' })
  })

  test('One that was renamed is found under its new name.', async () => {
    rig.hub.addUser({ name: 'bob', token: 'hf_bob', orgs: ['microsoft'] })
    rig.hub.rename('microsoft/resnet-50', 'microsoft/resnet-fifty', 'model')
    const { check } = await checkOf('base-model', { trainer: 'autotrain' })
    expect(check).toMatchObject({ verdict: 'passed' })
  })

  test('A gated one is refused until its conditions are accepted.', async () => {
    rig.hub.gate('microsoft/resnet-50', [])
    const { outcome } = await checkOf('base-model', { trainer: 'autotrain' })
    expect(outcome).toMatchObject({
      verdict: 'refused',
      reason: expect.stringMatching(
        /^input-model: the model is gated and hf-token has no access \(the Hub answered 403/,
      ),
    })
    rig.hub.gate('microsoft/resnet-50', ['ann'])
    const { check } = await checkOf('base-model', { trainer: 'autotrain' })
    expect(check).toMatchObject({ verdict: 'passed', found: expect.stringContaining('access granted') })
  })

  test('Whether it may be read is not known where a proxy answers instead of the Hub.', async () => {
    rig.hub.gate('microsoft/resnet-50', [])
    rig.hub.fault({ path: /auth-check/, status: 403, body: '<html>Blocked</html>' })
    const { outcome, check } = await checkOf('base-model', { trainer: 'autotrain' })
    expect([outcome.verdict, check?.verdict]).toEqual(['planned', 'unknown'])
  })

  test('A model of another kind is refused.', async () => {
    const config = { model_type: 'bert', architectures: ['BertForMaskedLM'] }
    rig.hub.createBaseModel('google/bert', config)
    const { check } = await checkOf('base-model-kind', { trainer: 'autotrain', inputModel: 'google/bert' })
    expect(check).toMatchObject({ verdict: 'refused', advice: expect.stringMatching(/^input-model: /) })
  })
})

test('A dry run shows what was checked, takes no claim and does not wait for settle.', async () => {
  const { outcome } = await dry({ settle: 3_600_000 })
  expect(outcome).toMatchObject({ verdict: 'planned' })
  expect(outcome.plan?.checks.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['token-jobs', 'token-model', 'base-model', 'github-token']),
  )
  expect(rig.home.refs()).toEqual([])
  expect(rig.home.clock.sleeps).toEqual([])
})

test('A refusal of the trainer and one of the token are both shown, and the first is the reason.', async () => {
  rig.hub.fault({
    path: /whoami/,
    status: 200,
    body: { name: 'eve', orgs: [], auth: { accessToken: { role: 'write' } } },
    times: Number.POSITIVE_INFINITY,
  })
  const { outcome } = await dry({ ...{ inputModel: 'microsoft/none' }, trainer: 'autotrain' })
  const refused = outcome.plan?.checks.filter(({ verdict }) => verdict === 'refused').map(({ id }) => id)
  expect(refused).toEqual(['token-jobs', 'token-model', 'base-model'])
  expect(outcome.reason).toMatch(/\(2 more checks say no: see the summary\)$/)
})

test('A dataset that was renamed is planned under its new name alone.', async () => {
  const before = rig.hub.requests.length
  rig.hub.rename(dataset, 'ann/numbers')
  const planned: string[] = []
  const plan = rig.provider.trainer().plan
  rig.provider.does({
    plan: (order, signal) => {
      planned.push(order.recipe.inputDataset)
      return plan(order, signal)
    },
  })
  expect((await rig.run()).outcome.verdict).toBe('succeeded')
  expect(planned).toEqual(['ann/numbers'])
  const listed = rig.hub.requests.slice(before).filter(({ path }) => path.includes('/tree/'))
  expect(listed.map(({ path }) => path.includes(dataset))).toEqual([false])
})
