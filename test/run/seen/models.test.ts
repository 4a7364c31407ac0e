import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../../src/domain/recipe.ts'
import { Refused } from '../../../src/domain/verdict.ts'
import { readSeenModels } from '../../../src/event/watched-models.ts'
import { checkedByRelay } from '../relay-check.ts'
import { dataset, digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'
import { entryOf, writtenEntries } from './entry.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const base = 'microsoft/resnet-50'
const secret = 'bob/secret-base'
const watching = (change: Partial<Recipe> = {}) => digits({ retrainOn: ['data', 'base-model'], ...change })
const run = (change: Partial<Recipe> = {}) => rig.run({ recipes: [watching(change)] })
const headOf = (model = base) => rig.hub.repository(model, 'model').refs.get('refs/heads/main') ?? ''
let commits = 0
/** Commits to the base model. */
function commitToBase(): void {
  commits += 1
  rig.hub.commit(base, { type: 'model', author: 'ann', files: { 'README.md': `${commits}` } })
}
const models = async (change: Partial<Recipe> = {}) => (await entryOf(rig, watching(change)))?.models
const hashed = (name: string) => `sha256:${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
/** Lets the Hub give no answer about the base model. */
const hideAnswer = (status = 503) =>
  rig.hub.fault({
    path: /\/api\/models\/microsoft/,
    status,
    headers: { 'retry-after': '0' },
    times: Number.POSITIVE_INFINITY,
  })

describe('The models whose new commits are a reason to check', () => {
  test('The base model with the head that the check saw, where retrain-on lists it.', async () => {
    await run()
    expect(await models()).toEqual([`${base}@${headOf()}`])
  })

  test.each<[string, Recipe['retrainOn']]>([
    ['data alone', ['data']],
    ['the recipe', ['data', 'recipe']],
  ])('None where retrain-on lists %s, and that costs no call.', async (_what, retrainOn) => {
    await run({ retrainOn })
    expect(await models({ retrainOn })).toEqual([])
    const asked = () => rig.hub.requests.filter(({ path }) => path.includes(`/api/models/${base}`)).length
    const before = asked()
    rig.commitCard()
    await run({ retrainOn })
    const without = asked() - before
    rig.commitCard()
    await run()
    expect(asked() - before - without).toBe(without)
  })

  test('A private one by a hash of its name, which only those read who know the name.', async () => {
    rig.hub.createModel({ name: 'ann/secret-base', private: true, files: { 'README.md': 'x' } })
    const inputModel = 'ann/secret-base'
    await run({ inputModel })
    const texts = (await models({ inputModel })) ?? []
    expect(texts).toEqual([`${hashed(inputModel)}@${headOf(inputModel)}`])
    expect(await readSeenModels(texts, [])).toEqual([])
    expect(await readSeenModels(texts, [inputModel])).toEqual([
      { name: inputModel, head: headOf(inputModel) },
    ])
  })

  test('None where the token cannot see it: its head is not known.', async () => {
    rig.hub.addUser({ name: 'bob', token: 'hf_bob' })
    rig.hub.createModel({ name: secret, private: true })
    await run({ inputModel: secret })
    expect(await models({ inputModel: secret })).toEqual([])
  })

  test('A check that skips writes the head that it saw.', async () => {
    await run()
    commitToBase()
    rig.provider.does({
      plan: async () => {
        throw new Refused('hf-token: a read token, which cannot start Jobs.')
      },
    })
    expect((await run()).outcome.verdict).toBe('refused')
    expect(await models()).toEqual([`${base}@${headOf()}`])
    rig.hub.commit(dataset, { files: { 'train/1/b.txt': 'x' } })
    await run({ minChangedFiles: 99 })
    expect(await models()).toEqual([`${base}@${headOf()}`])
  })

  test('A model that moved while it trained is one to check for: the head before the training is written.', async () => {
    const before = headOf()
    rig.provider.does({
      follow: async () => {
        commitToBase()
        rig.provider.endAll()
        return rig.provider.runs[0]?.end ?? Promise.reject(new Error('Nothing ran.'))
      },
    })
    await run()
    expect(headOf()).not.toBe(before)
    expect(await models()).toEqual([`${base}@${before}`])
    rig.provider.does({ follow: undefined })
    rig.home.clock.advance(61 * minute)
    expect((await checkedByRelay(rig, {}, { recipes: [watching({ wait: false })] })).outcome).toMatchObject({
      verdict: 'started',
      attempt: 2,
    })
    expect(await models()).toEqual([`${base}@${headOf()}`])
  })
})

describe('While the Hub does not say what the head of the base model is', () => {
  test('The one before is kept, so that it goes on being watched.', async () => {
    await run()
    const before = await models()
    hideAnswer()
    rig.commitCard()
    expect((await run()).outcome.verdict).toBe('skipped')
    expect((await entryOf(rig, watching()))?.revision).toBe(rig.head())
    expect(await models()).toEqual(before)
  })

  test('A check that fails early keeps it too.', async () => {
    await run()
    const before = await models()
    hideAnswer()
    rig.commit()
    rig.provider.does({
      plan: async () => {
        throw new Error('The Hub answered 503.')
      },
    })
    expect((await run()).outcome.verdict).toBe('failed')
    expect([(await entryOf(rig, watching()))?.revision, await models()]).toEqual([rig.head(), before])
  })

  test('None is kept from a recipe that does not watch it any more.', async () => {
    await run()
    hideAnswer()
    rig.commitCard()
    await run({ retrainOn: ['data'] })
    expect(await models()).toEqual([])
  })

  test('One that is gone or has become private is named no longer, and is still known by its hash.', async () => {
    await run()
    const head = headOf()
    Object.assign(rig.hub.repository(base, 'model'), { private: true })
    rig.commitCard()
    await run()
    expect(await models()).toEqual([`${hashed(base)}@${head}`])
    rig.commitCard()
    await run()
    expect(await models()).toEqual([`${hashed(base)}@${head}`])
  })
})

describe('The entry of a recipe that watches its base model', () => {
  test('It is not written again by checks that see the same.', async () => {
    await run()
    const written = writtenEntries(rig)
    expect(written).toBeGreaterThan(0)
    await run()
    const after = writtenEntries(rig)
    for (let n = 0; n < 3; n += 1) {
      rig.home.clock.advance(61 * minute)
      expect((await checkedByRelay(rig, {}, { recipes: [watching()] })).outcome.verdict).toBe('skipped')
    }
    expect(writtenEntries(rig)).toBe(after)
  })
})
