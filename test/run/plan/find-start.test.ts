import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { PlannedOrder } from '../../../src/domain/plan/training-plan.ts'
import type { PublishedRun } from '../../../src/domain/publication.ts'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { Attempt } from '../../../src/run/attempt/attempt.ts'
import { checkForWork } from '../../../src/run/check/check.ts'
import { finishPlan, planTraining } from '../../../src/run/plan/plan.ts'
import { beginWork, type Collaborators, noRequest } from '../../../src/run/work.ts'
import { connect } from '../../hub/connect.ts'
import { leaveRecord, revisionOf } from '../left-record.ts'
import { digits, type Rig, startRig } from '../rig.ts'

const earlier = revisionOf('earlier')
const runModel = `ann/digits-${earlier.slice(0, 7)}`
const runCommit = 'c'.repeat(40)
const published: PublishedRun = {
  n: 3,
  revision: earlier,
  attempt: 1,
  runModel,
  runCommit,
  commit: 'e'.repeat(40),
  tag: `data-${earlier.slice(0, 7)}`,
  metrics: {},
  byHand: false,
  at: 0,
}
const resnet = { model_type: 'resnet', architectures: ['ResNetForImageClassification'] }

let rig: Rig
let planned: PlannedOrder[]

beforeEach(async () => {
  rig = await startRig()
  planned = []
  const { plan } = rig.provider.trainer()
  rig.provider.does({
    plan: (order, signal) => {
      planned.push(order)
      return plan(order, signal)
    },
  })
})
afterEach(() => rig.close())

/** The model that the published run left, and its record. */
async function leavePublished(
  change: { files?: Record<string, string>; warmStarts?: number; isPrivate?: boolean } = {},
) {
  const { files = { 'config.json': JSON.stringify(resnet), 'model.safetensors': 'weights' } } = change
  const { warmStarts, isPrivate = true } = change
  rig.hub.createModel({ name: runModel, private: isPrivate, files })
  await leaveRecord(rig, {
    revision: earlier,
    state: 'started',
    ...(warmStarts !== undefined && { claim: { warmStarts } }),
  })
}

/** From the check to the plan of the head, while a run is published. */
async function plan(
  keys: Partial<Recipe> = {},
  {
    known = published,
    stable = 'ann/best',
    tools: given = {},
  }: { known?: PublishedRun | null; stable?: string | null; tools?: Partial<Collaborators> } = {},
) {
  const { tools, lines } = rig.post(rig.provider.trainer())
  const recipe = digits({ publishTo: 'ann/best', startFrom: 'published', ...keys })
  const request = { ...noRequest, byPerson: true }
  const checked = await checkForWork(beginWork(recipe, request, { ...tools, ...given }))
  const { work, next } = checked
  if (next.do !== 'claim') throw new Error('There is nothing to claim.')
  work.known.published = known
  const isMade = rig.hub.state.repositories.find('model', 'ann/best') !== undefined
  if (known !== null && stable !== null && !isMade) rig.hub.createModel({ name: 'ann/best', private: true })
  if (stable !== null && stable !== 'ann/best') rig.hub.rename('ann/best', stable, 'model')
  const result = await planTraining(work, { ...checked, next })
  const checkOf = (id: string) => result.plan.checks.find((check) => check.id === id)
  return { work, planned: result, lines, checkOf }
}

const claim = async (...options: Parameters<typeof plan>) => {
  const { work, planned: result } = await plan(...options)
  const attempt = await Attempt.claim(work, result, null)
  return { order: attempt.order, record: attempt.entry.record }
}

describe('A training with start-from: published', () => {
  test('Plan, claim and order name the published run, and the model that is published.', async () => {
    await leavePublished({ warmStarts: 2 })
    const { order, record } = await claim()
    const both = {
      published: { model: 'ann/best', commit: published.commit },
      startFrom: { model: runModel, revision: runCommit },
    }
    expect(planned.at(-1)).toMatchObject(both)
    expect(order).toMatchObject({ ...both, recipe: { inputModel: 'microsoft/resnet-50' } })
    expect(record).toMatchObject({
      publishedThen: both.published,
      startedFrom: both.startFrom,
      warmStarts: 3,
      baseModel: rig.hub.repository('microsoft/resnet-50', 'model').refs.get('refs/heads/main'),
    })
  })

  test('Plan, summary and log say which in a row it is.', async () => {
    await leavePublished({ warmStarts: 2 })
    const { checkOf, lines, planned: result } = await plan()
    const words = expect.stringContaining('the 3rd training in a row that starts from the one before')
    expect(checkOf('start-from')).toMatchObject({ verdict: 'passed', found: words })
    expect(lines).toContainEqual(words)
    expect(result.plan).toMatchObject({ summary: words, startFrom: { model: runModel } })
  })

  test('Nothing published yet: it starts from input-model, which the plan, the log and the record say.', async () => {
    const { checkOf, lines } = await plan({}, { known: null })
    expect(checkOf('start-from')).toMatchObject({ found: 'input-model: nothing is published yet' })
    expect(lines).toContainEqual(expect.stringContaining('input-model: nothing is published yet'))
    const { order, record } = await claim({}, { known: null })
    expect(order).toMatchObject({ published: null, startFrom: null })
    expect(record).toMatchObject({ publishedThen: null, startedFrom: null, warmStarts: 0 })
  })

  test('A published run whose model is gone is not started from, and can be measured all the same.', async () => {
    const { checkOf } = await plan()
    expect(checkOf('start-from')).toMatchObject({ verdict: 'warned' })
    const { order, record } = await claim()
    expect(order).toMatchObject({ published: { model: 'ann/best' }, startFrom: null })
    expect(record).toMatchObject({ startedFrom: null, warmStarts: 0 })
  })

  test('What is checked is the model that it starts from, not input-model.', async () => {
    await leavePublished()
    const keys = { trainer: 'autotrain', inputModel: 'microsoft/none' } as const
    const { checkOf } = await plan(keys)
    expect(checkOf('base-model')).toMatchObject({ verdict: 'passed', found: 'private' })
    expect(checkOf('base-model-kind')).toMatchObject({ verdict: 'passed' })
    const cold = await plan(keys, { known: null })
    expect(cold.checkOf('base-model')).toMatchObject({ verdict: 'refused' })
  })

  test("Advice about the published run's model names start-from, not input-model.", async () => {
    const own = { ...resnet, auto_map: { AutoModelForImageClassification: 'x.Y' }, model_type: 'own' }
    await leavePublished({ files: { 'config.json': JSON.stringify(own), 'model.safetensors': 'weights' } })
    const { checkOf } = await plan({ trainer: 'autotrain' })
    expect(checkOf('base-model-kind')).toMatchObject({
      verdict: 'warned',
      advice: expect.stringMatching(new RegExp(`^start-from: ${runModel} brings its own code`)),
    })
  })

  test('An adapter is no model for AutoTrain to start from.', async () => {
    await leavePublished({ files: { 'adapter_config.json': '{}', 'adapter_model.safetensors': 'weights' } })
    const { checkOf } = await plan({ trainer: 'autotrain' })
    expect(checkOf('start-from')).toMatchObject({ advice: expect.stringContaining('is an adapter (PEFT)') })
    expect(planned.at(-1)).toMatchObject({ startFrom: null })
  })
})

describe('A private model to start from', () => {
  test('Without a token for the training it is refused before anything is claimed.', async () => {
    await leavePublished()
    const { work, planned: result, checkOf } = await plan({ trainer: 'script', giveToken: false })
    expect(checkOf('start-from-token')).toMatchObject({ verdict: 'refused' })
    await expect(finishPlan(work, result, { draft: null })).rejects.toThrow(
      `start-from: ${runModel} is private, and with give-token: false the training cannot read it: set give-token to ` +
        'true, or start-from to base.',
    )
  })

  test.each([
    ['A training that gets the token reads it.', true, null],
    ['A public one needs no token.', false, false],
  ] as const)('%s', async (_title, isPrivate, giveToken) => {
    await leavePublished({ isPrivate })
    const { checkOf } = await plan({ trainer: 'script', giveToken })
    expect(checkOf('start-from-token')).toMatchObject({ verdict: 'passed' })
  })

  test('Whether it can be read is asked with the token that the training gets.', async () => {
    await leavePublished()
    rig.hub.addUser({ name: 'eve', token: 'hf_eve' })
    const tools = { trainingHub: connect(rig.hub.url, 'hf_eve').hub }
    const other = await plan({ trainer: 'script' }, { tools })
    expect(other.checkOf('start-from')).toMatchObject({
      advice: expect.stringContaining('hidden from the token'),
    })
    const command = await plan({ trainer: 'command' }, { tools })
    expect(command.checkOf('start-from')).toMatchObject({ verdict: 'passed' })
  })
})

test('With start-from: base, a training that publishes starts from input-model and can measure what is published.', async () => {
  await leavePublished()
  const { checkOf } = await plan({ startFrom: 'base' })
  expect(checkOf('start-from')).toBeUndefined()
  const { order, record } = await claim({ startFrom: 'base' })
  expect(order).toMatchObject({ published: { model: 'ann/best', commit: published.commit }, startFrom: null })
  expect(record).toMatchObject({ publishedThen: { model: 'ann/best' }, startedFrom: null, warmStarts: 0 })
})

describe.each(['base', 'published'] as const)('With start-from: %s', (startFrom) => {
  test.each([
    ['gone', null],
    ['renamed', 'ann/other'],
  ])(
    'A training does not get the name of a published model that is %s, and its claim says so.',
    async (_what, stable) => {
      await leavePublished()
      const { order, record } = await claim({ startFrom }, { stable })
      expect(planned.at(-1)?.published).toBeNull()
      expect(order.published).toBeNull()
      expect(record.publishedThen).toBeNull()
    },
  )

  test('It gets the name of one that the Hub does not answer about now.', async () => {
    await leavePublished()
    rig.hub.fault({ path: /\/api\/models\/ann\/best/, status: 500, times: Number.POSITIVE_INFINITY })
    const { order } = await claim({ startFrom })
    expect(order.published).toEqual({ model: 'ann/best', commit: published.commit })
  })

  test('The stable model is looked at once for the whole plan.', async () => {
    await leavePublished()
    await claim({ startFrom })
    expect(rig.hub.requests.filter(({ path }) => /^\/api\/models\/ann\/best(\?|$)/.test(path))).toHaveLength(
      1,
    )
  })
})

test('A recipe that publishes nothing says nothing about it, in plan and record.', async () => {
  const { record } = await claim({ publishTo: null, startFrom: 'base' })
  const names = ['publishedThen', 'startedFrom', 'warmStarts']
  expect(Object.keys(record).filter((name) => names.includes(name))).toEqual([])
  expect(planned.at(-1)?.published ?? null).toBeNull()
})

test('A run that is followed later has the order of its claim, whatever is published then.', async () => {
  await leavePublished()
  const { work, planned: result } = await plan()
  const { entry, ledger } = await Attempt.claim(work, result, null)
  const run = { id: 'r', url: 'https://provider.test/r' }
  const started = await ledger.save(entry, 'started', { run, began: true })
  work.known.published = { ...published, runModel: 'ann/newer', commit: 'f'.repeat(40) }
  const adopted = await Attempt.adopt(work, ledger, started)
  expect(adopted?.order).toMatchObject({
    published: { commit: published.commit },
    startFrom: { model: runModel, revision: runCommit },
  })
})
