import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { seenModelText } from '../../../src/event/watched-models.ts'
import { runtimes } from './runtimes.ts'
import {
  dataset,
  hubToken,
  type ReconcileSandbox,
  repository,
  routes,
  startReconcileSandbox,
} from './sandbox.ts'

const base = 'acme/base'
const own = 'acme/private-base'
let world: ReconcileSandbox

beforeEach(async () => {
  world = await startReconcileSandbox()
  world.hub.createModel({ name: base, files: { 'config.json': '{}' } })
  world.hub.createModel({ name: own, private: true, files: { 'config.json': '{}' } })
})

afterEach(() => world.close())

describe.each(runtimes)('The models of retrain-on, on %s:', (_runtime, reconcile) => {
  const seen = async (name: string, isPublic: boolean) => ({
    models: [await seenModelText({ name, head: world.headOf(name, { type: 'model' }) }, isPublic)],
  })
  const modelCalls = () => world.calls('hub').filter((call) => call.includes('/api/models/'))

  test('A model whose head a recipe saw is asked for once, and nothing is sent.', async () => {
    await world.write(await seen(base, true))
    await world.write(await seen(base, true), { key: 'acme-vision-00000002' })
    const { isGood } = await reconcile(world.environment())
    expect(isGood).toBe(true)
    expect(world.github.dispatches).toEqual([])
    expect(modelCalls()).toEqual([`GET /api/models/${base}/revision/main?expand=sha&expand=private`])
  })

  test('A model with a new commit sends the head of the dataset, and the line names the model.', async () => {
    await world.write(await seen(base, true))
    world.hub.commit(base, { type: 'model', files: { 'config.json': '{"new": 1}' } })
    const { printed } = await reconcile(world.environment())
    expect(world.github.dispatches).toMatchObject([
      { repository, clientPayload: { dataset, sha: world.headOf(dataset) } },
    ])
    expect(printed).toContain('the base model acme/base has a new commit')
  })

  test('A private model is watched where the route names it and HF_TOKEN can read it; else the line says what to set.', async () => {
    await world.write(await seen(own, false))
    world.hub.commit(own, { type: 'model', files: { 'config.json': '{"new": 1}' } })
    const unnamed = await reconcile(world.environment({ HF_TOKEN: hubToken }))
    expect(world.github.dispatches).toEqual([])
    expect(modelCalls()).toEqual([])
    expect(unnamed.isGood).toBe(true)
    const notWatched = "a private base model is not watched: name it in models of the dataset's route"
    expect(unnamed.printed).toContain(notWatched)
    const route = { dataset, repository, models: [own] }
    const { isGood, printed } = await reconcile(world.environment({ HF_TOKEN: hubToken, ...routes(route) }))
    expect(isGood).toBe(true)
    expect(printed).not.toContain('not watched')
    expect(world.github.dispatches).toHaveLength(1)
  })

  test('A model that the relay may not read fails its route and says what to set.', async () => {
    await world.write(await seen(own, false))
    const route = { dataset, repository, models: [own] }
    const { isGood, printed } = await reconcile(world.environment(routes(route)))
    expect(isGood).toBe(false)
    expect(printed).toContain('The Hub: acme/private-base cannot be read')
    expect(printed).toContain('for a private model set HF_TOKEN to a token that can read it')
  })

  test('A model that a recipe saw with another revision of the dataset counts for nothing.', async () => {
    await world.write({ revision: 'c'.repeat(40), ...(await seen(base, true)) })
    await world.write()
    world.hub.commit(base, { type: 'model', files: { 'config.json': '{"new": 1}' } })
    await reconcile(world.environment())
    expect(modelCalls()).toEqual([])
  })
})
