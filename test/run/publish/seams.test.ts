import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { shortRevision } from '../../../src/domain/revision.ts'
import type { TrainingEnd } from '../../../src/domain/training.ts'
import { recipeKey } from '../../../src/recipe/recipe-key.ts'
import { succeeded } from '../provider.ts'
import { dataset } from '../rig.ts'
import { minute } from '../workflow-repository.ts'
import { type PublishRig, publishing, stable, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

const always = Number.POSITIVE_INFINITY
const copies = () => rig.hub.requests.filter(({ path }) => path.includes('lfs-files/duplicate')).length

/** Trains without waiting, and lets the training end. */
async function trainUnfollowed(recipe = publishing(), metrics = { eval_accuracy: 0.9 }): Promise<void> {
  rig.commit()
  rig.trains({ metrics })
  await rig.run({ recipes: [{ ...recipe, wait: false }] })
  rig.provider.endAll({ ...succeeded, metrics })
  rig.home.clock.advance(11 * minute)
}

test('After the ledger was deleted, the next success is published.', async () => {
  await rig.train({ files: { 'config.json': 'one' } })
  for (const ref of rig.home.refs()) rig.home.git.refs.delete(ref)
  const outcome = await rig.train({ files: { 'config.json': 'two' } })
  expect(outcome.publication?.end).toBe('published')
  expect(rig.read('config.json', outcome.publication?.now?.tag ?? '')).toBe('two')
  expect(rig.read('config.json')).toBe('two')
})

test('After the ledger was deleted, the same revision that is trained once more is published.', async () => {
  await rig.train({ files: { 'config.json': 'one' } })
  for (const ref of rig.home.refs()) rig.home.git.refs.delete(ref)
  rig.trains({ files: { 'config.json': 'two' } })
  await rig.run({ recipes: [publishing()] })
  expect(rig.read('config.json')).toBe('two')
})

test('A model that becomes public while its files are copied gets no model of a private dataset.', async () => {
  await rig.train()
  rig.hub.setPrivate(dataset, true)
  const outcome = await rig.train(
    {},
    {
      act: async (call) => {
        const result = await call()
        if (copies() > 1) rig.hub.repository(stable, 'model').private = false
        return result
      },
    },
  )
  expect(rig.hub.repository(stable, 'model').private).toBe(false)
  expect(outcome.publication?.end).not.toBe('published')
  expect(rig.titles()[0]).toContain('publication 1')
})

test('A model whose tag cannot be made is published all the same.', async () => {
  await rig.train()
  const tags = rig.hub.fault({
    method: 'POST',
    path: new RegExp(`/${stable}/tag/`),
    status: 500,
    times: always,
  })
  rig.commit()
  rig.trains({ files: { 'config.json': 'new' } })
  for (let n = 0; n < 4; n += 1) {
    await rig.run({ recipes: [publishing()] })
    rig.home.clock.advance(61 * minute)
  }
  tags.lift()
  expect(rig.read('config.json')).toBe('new')
  const { outcome } = await rig.run({ recipes: [publishing()], request: { byPerson: true } })
  expect(outcome.publication?.now?.n).toBe(2)
})

test('start-from: published starts from what the same check has just published.', async () => {
  const recipe = publishing({ wait: false, startFrom: 'published' })
  await trainUnfollowed(recipe)
  const first = rig.head()
  rig.commit()
  const { outcome } = await rig.run({ recipes: [recipe] })
  expect(outcome).toMatchObject({ verdict: 'started', publication: { now: { n: 1, revision: first } } })
  expect(rig.provider.paid.at(-1)).toMatchObject({
    published: { model: stable, commit: outcome.publication?.now?.commit },
    startFrom: { model: outcome.publication?.now?.runModel },
  })
})

test('After a rollback that a check finished, a training does not start from the model that was taken back.', async () => {
  const recipe = publishing({ startFrom: 'published' })
  const recipes = [recipe]
  await rig.train({}, { recipes })
  const good = rig.head()
  await rig.train({}, { recipes })
  const commit = rig.hub.fault({
    method: 'POST',
    path: new RegExp(`/${stable}/commit/main`),
    status: 503,
    times: always,
  })
  await rig.byHand(shortRevision(good), { startFrom: 'published' })
  commit.lift()
  rig.home.clock.advance(11 * minute)
  await rig.train({}, { recipes })
  expect(rig.titles()[1]).toContain('by hand (publication 3)')
  expect(rig.provider.paid.at(-1)?.startFrom?.model).toBe(`ann/auto-retrain-${shortRevision(good)}`)
})

describe('After a try that failed', () => {
  const refuse = () =>
    rig.hub.fault({ method: 'POST', path: new RegExp(`/${stable}/commit/main`), status: 503, times: always })

  test('A second try that failed is not said to be another workflow run at work, nor waited for.', async () => {
    await rig.train()
    rig.commit()
    rig.trains({})
    refuse()
    await rig.run({ recipes: [publishing()] })
    rig.home.clock.advance(11 * minute)
    const begun = rig.home.clock.now()
    const { outcome } = await rig.run({ recipes: [publishing()] })
    expect(outcome.publication?.reason).not.toContain('Another workflow run')
    expect(rig.home.clock.now() - begun).toBeLessThan(minute)
  })

  test('Four models that are due are not waited for one after the other.', async () => {
    const recipes = [publishing({ wait: false })]
    for (let n = 0; n < 4; n += 1) {
      rig.commit()
      rig.trains({})
      await rig.run({ recipes })
      rig.home.clock.advance(minute)
    }
    rig.provider.endAll()
    refuse()
    const begun = rig.home.clock.now()
    let calls = 0
    await rig.run({
      recipes,
      platformFetch: (input, init) => {
        calls += 1
        return fetch(input, init)
      },
    })
    // It takes 3 minutes and 67 calls.
    expect(rig.home.clock.now() - begun).toBeLessThan(minute)
    expect(calls).toBeLessThan(50)
  })
})

test('What a copy of the repository published is not ours.', async () => {
  await rig.train()
  const commit = rig.hub.commit(stable, {
    type: 'model',
    title: 'Publish 1234567 (publication 1)',
    files: { 'config.json': 'of the copy' },
  })
  commit.description = `Auto-Retrain-Publication: ${recipeKey(publishing())} ffffffff 1`
  expect((await rig.train()).publication?.end).toBe('held')
})

test('The comment on a run says what became of its own model, and the thread lists all runs.', async () => {
  const thread = publishing({ discussion: 'thread' })
  await rig.train({}, { recipes: [thread] })
  const recipes = [{ ...thread, wait: false }]
  for (let n = 0; n < 2; n += 1) {
    rig.commit()
    rig.trains({})
    await rig.run({ recipes })
    rig.home.clock.advance(minute)
  }
  rig.provider.endAll()
  rig.home.clock.advance(11 * minute)
  await rig.run({ recipes })
  const events = rig.hub.discussions(dataset)[0]?.events ?? []
  const [first, , superseded] = events.map((event) => ('raw' in event ? String(event.raw) : ''))
  expect(superseded).not.toContain('✅ Published')
  expect(first?.match(/✅ (?:\*\*)?trained/g)).toHaveLength(3)
})

test('A run whose model the Hub refuses to show is held, and not looked at for ever.', async () => {
  await trainUnfollowed()
  const model = `ann/auto-retrain-${shortRevision(rig.head())}`
  const body = { error: 'Access to this resource is disabled.' }
  rig.hub.fault({ path: new RegExp(`/api/models/${model}(\\?|$)`), status: 403, body, times: always })
  for (let n = 0; n < 12; n += 1) {
    await rig.run({ recipes: [publishing()] })
    rig.home.clock.advance(61 * minute)
  }
  expect((await rig.records(publishing())).map(({ publish }) => publish)).toEqual([null])
})

test('What is due is published, or held, also where the dataset is gone.', async () => {
  await trainUnfollowed()
  rig.hub.state.repositories.delete(rig.hub.repository(dataset))
  for (let n = 0; n < 3; n += 1) {
    await rig.run({ recipes: [publishing()] })
    rig.home.clock.advance(61 * minute)
  }
  expect((await rig.records(publishing())).map(({ state, publish }) => [state, publish])).toEqual([
    ['succeeded', null],
  ])
})

test('A commit without the files of the run is not recorded as published.', async () => {
  await rig.train({ files: { 'config.json': 'one' } })
  rig.commit()
  rig.trains({ files: { 'config.json': 'two', 'vocab.txt': 'a' } })
  const breakCommit = () => {
    const { commits, refs } = rig.hub.repository(stable, 'model')
    const head = commits.get(refs.get('refs/heads/main') ?? '')
    const parent = commits.get(head?.parents[0] ?? '')
    if (head?.title.includes('publication 2') && parent !== undefined)
      Object.assign(head, { tree: parent.tree })
  }
  const act = async <T>(call: () => Promise<T>) => {
    const result = await call()
    breakCommit()
    return result
  }
  // The first try sees it: "does not have the files of the run".
  expect((await rig.run({ recipes: [publishing()], act })).outcome.publication?.end).toBe('due')
  rig.home.clock.advance(11 * minute)
  // The next one makes it right.
  expect((await rig.run({ recipes: [publishing()] })).outcome.publication?.end).toBe('published')
  expect(rig.read('config.json')).toBe('two')
  expect(rig.paths()).toContain('vocab.txt')
})

test('A workflow that is cancelled while it publishes has trained successfully, and the next check publishes.', async () => {
  await rig.train()
  const controller = new AbortController()
  rig.commit()
  rig.trains({})
  const { outcome } = await rig.run({
    recipes: [publishing()],
    signal: controller.signal,
    act: async (call) => {
      const result = await call()
      if (copies() > 1) controller.abort()
      return result
    },
  })
  expect(outcome.end?.verdict).toBe('succeeded')
  expect([outcome.verdict, outcome.publication?.end]).toEqual(['succeeded', 'due'])
})

test('The new name of a private model does not stand in the refs of a public repository.', async () => {
  await rig.train()
  rig.hub.rename(stable, 'ann/secret-customer', 'model')
  await rig.train()
  const all = [...rig.home.git.tags.values()].map(({ message }) => message).join('\n')
  expect(all.match(/.*secret-customer.*/g)).toBeNull()
})

describe('A metric that is nan', () => {
  const byLoss = publishing({ compareMetric: 'eval_loss' })
  const good = { metrics: { eval_loss: 0.3 }, files: { 'config.json': 'good' } }
  /** As a training that broke down ends: the validation loss is nan, and an older loss of the training is a number. */
  const broken: TrainingEnd = {
    ...succeeded,
    metrics: { loss: 0.1 },
    unmeasured: [{ name: 'eval_loss', value: 'nan', epoch: 2 }],
  }

  test('A workflow run that finishes the publication of another knows that its metric is nan.', async () => {
    await rig.train(good, { recipes: [byLoss] })
    rig.commit()
    rig.trains({ files: { 'config.json': 'broken' } })
    await rig.run({ recipes: [{ ...byLoss, wait: false }] })
    const broke = rig.head()
    rig.home.clock.advance(minute)
    // The next revision trains. Meanwhile the first training ends, and its publication is interrupted.
    rig.commit()
    rig.trains({ files: { 'config.json': 'next' } })
    rig.provider.does({
      follow: async () => {
        const endedAt = rig.home.clock.now()
        for (const run of rig.provider.alive())
          if (run.order.revision === broke) run.end = { ...broken, endedAt }
        const down = rig.hub.fault({
          path: new RegExp(`/api/models/${stable}(\\?|$)`),
          status: 503,
          times: always,
        })
        await rig.run({ recipes: [{ ...byLoss, wait: false }] })
        down.lift()
        rig.home.clock.advance(11 * minute)
        const end = { ...succeeded, metrics: { eval_loss: 0.9 } }
        rig.provider.endAll(end)
        return end
      },
    })
    await rig.run({ recipes: [byLoss] })
    // "Publication 2: published. loss is 0.1000, better than the 0.3000 of what is published"
    expect(rig.read('config.json')).toBe('good')
  })

  test('So does a check where the claim was deleted, as docs/ledger.md shows.', async () => {
    await rig.train(good, { recipes: [byLoss] })
    rig.commit()
    rig.trains({ files: { 'config.json': 'broken' } })
    rig.provider.endsIn(broken)
    const down = rig.hub.fault({
      path: new RegExp(`/api/models/${stable}/commits`),
      status: 503,
      times: always,
    })
    await rig.run({ recipes: [byLoss] })
    down.lift()
    rig.home.git.refs.delete(rig.home.refs().find((ref) => ref.endsWith(rig.head())) ?? '')
    rig.home.clock.advance(11 * minute)
    await rig.run({ recipes: [{ ...byLoss, wait: false }] })
    expect(rig.read('config.json')).toBe('good')
  })

  test('What is published and has nan is not compared by the loss of its training.', async () => {
    rig.commit()
    rig.trains({})
    rig.provider.endsIn(broken)
    await rig.run({ recipes: [byLoss] })
    await rig.byHand(shortRevision(rig.head()), { compareMetric: 'eval_loss' })
    const { publication } = await rig.train(good, { recipes: [byLoss] })
    // "eval_loss is 0.3000, not better than the 0.1000 of what is published"
    expect(publication).toMatchObject({ end: 'published', gate: { baseline: null } })
  })
})
