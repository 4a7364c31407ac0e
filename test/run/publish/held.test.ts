import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { dataset } from '../rig.ts'
import { minute } from '../workflow-repository.ts'
import { type PublishRig, publishing, stable, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

const over = { recipes: [publishing({ publishOver: true })] }

describe('Commits of others', () => {
  test.each([
    ['README.md', '# My words\n'],
    [
      '.gitattributes',
      '*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.x filter=lfs diff=lfs merge=lfs -text\n',
    ],
  ])('A change of %s alone does not count, and stays.', async (path, text) => {
    await rig.train()
    rig.meddle({ [path]: text })
    expect((await rig.train()).publication).toMatchObject({ end: 'published' })
    expect(rig.read(path)).toContain(text.trim())
  })

  test('A change of a file holds the next publication, until publish-over.', async () => {
    await rig.train()
    rig.meddle({ 'config.json': '{"mine": true}' })
    const outcome = await rig.train()
    expect(outcome).toMatchObject({ verdict: 'succeeded', publication: { end: 'held', now: { n: 1 } } })
    expect(rig.read('config.json')).toBe('{"mine": true}')
    expect((await rig.train({}, over)).publication).toMatchObject({ end: 'published' })
    expect(rig.read('config.json')).toBe('{}\n')
  })

  test('A model that was there before is held, until publish-over.', async () => {
    rig.hub.createModel({ name: stable, private: true, files: { 'weights.bin': 'made by hand' } })
    expect((await rig.train()).publication).toMatchObject({ end: 'held', now: null })
    expect(rig.read('weights.bin')).toBe('made by hand')
    expect((await rig.train({}, over)).publication).toMatchObject({ end: 'published' })
  })

  test('A model without files is taken.', async () => {
    rig.hub.createModel({ name: stable, private: true })
    expect((await rig.train()).publication).toMatchObject({ end: 'published' })
  })

  test('A person who puts back what was published is no stranger.', async () => {
    await rig.train()
    rig.meddle({ 'config.json': '{"mine": true}' })
    rig.meddle({ 'config.json': '{}\n' })
    expect((await rig.train()).publication).toMatchObject({ end: 'published' })
  })
})

describe('Who may read it', () => {
  const open = () => {
    rig.hub.repository(stable, 'model').private = false
  }
  const hide = (model: string) => {
    rig.hub.repository(model, 'model').private = true
  }

  const gateDataset = () => {
    rig.hub.repository(dataset).admitted = new Set(['ann'])
  }

  test.each([
    ['private dataset', () => rig.hub.setPrivate(dataset, true), /the dataset is private/],
    ['gated dataset', gateDataset, /the dataset is gated/],
    ['hidden base model', () => hide('microsoft/resnet-50'), /the base model is not known to be public/],
    ['gated base model', () => rig.hub.gate('microsoft/resnet-50', ['ann']), /the base model is gated/],
    [
      'base model that is not known',
      () => rig.hub.state.repositories.delete(rig.hub.repository('microsoft/resnet-50', 'model')),
      /the base model is not known to be public/,
    ],
  ])('A model of a %s is not published where everyone can read it.', async (_what, change, sentence) => {
    await rig.train()
    change()
    open()
    const { publication } = await rig.train()
    expect(publication).toMatchObject({ end: 'held', reason: expect.stringMatching(sentence) })
    const allowed = { recipes: [publishing({ publishPublic: true })] }
    expect((await rig.train({}, allowed)).publication).toMatchObject({ end: 'published' })
  })

  test('A model of public data is published into a public model.', async () => {
    await rig.train()
    open()
    expect((await rig.train()).publication).toMatchObject({ end: 'published' })
  })
})

describe('What became of the stable model', () => {
  test('One that is gone is not made again.', async () => {
    await rig.train()
    rig.hub.state.repositories.delete(rig.hub.repository(stable, 'model'))
    const { publication } = await rig.train()
    expect(publication).toMatchObject({
      end: 'held',
      reason: expect.stringContaining('gone or hidden from hf-token'),
    })
    expect(rig.hub.state.repositories.find('model', stable)).toBeUndefined()
  })

  test('One that was renamed is held with its new name, where the repository may know it.', async () => {
    await rig.train()
    rig.hub.rename(stable, 'ann/figures', 'model')
    const hidden = (await rig.train()).publication
    expect(hidden).toMatchObject({
      end: 'held',
      reason: expect.stringContaining('publish-to was renamed, and is private'),
    })
    rig.hub.repository('ann/figures', 'model').private = false
    expect((await rig.train()).publication).toMatchObject({
      end: 'held',
      reason: `${stable} is called ann/figures now: set publish-to to that name.`,
    })
  })

  test('One that was renamed after the commit and before the tag gets the tag under its new name.', async () => {
    await rig.train()
    const controller = new AbortController()
    const isCommitted = () => rig.titles()[0]?.includes('publication 2')
    rig.commit()
    rig.trains({})
    const act = async <T>(call: () => Promise<T>) => {
      const result = await call()
      if (isCommitted()) controller.abort()
      return result
    }
    await rig.run({ recipes: [publishing()], signal: controller.signal, act })
    rig.hub.rename(stable, 'ann/figures', 'model')
    rig.home.clock.advance(11 * minute)
    const { outcome } = await rig.run({ recipes: [publishing()] })
    expect(outcome.publication).toMatchObject({ end: 'published' })
    const { refs } = rig.hub.repository('ann/figures', 'model')
    expect(refs.has(`refs/tags/data-${rig.head().slice(0, 7)}`)).toBe(true)
  })

  test('A publish-to that changed while the training ran holds it.', async () => {
    rig.commit()
    rig.trains({})
    await rig.run({ recipes: [publishing({ wait: false })] })
    rig.provider.endAll()
    const { outcome } = await rig.run({ recipes: [publishing({ publishTo: 'ann/other' })] })
    expect(outcome.publication).toMatchObject({
      end: 'held',
      reason: `publish-to is ann/other now, and was ${stable} when this training was claimed.`,
    })
  })
})

test('A revision that a person asked for by name is not published by itself.', async () => {
  await rig.train()
  const older = rig.head()
  await rig.train()
  const request = { revision: older, force: true, byPerson: true }
  const { outcome } = await rig.run({ recipes: [publishing()], request })
  expect(outcome).toMatchObject({ verdict: 'succeeded', publication: { end: null, now: { n: 2 } } })
})

test('With wait: false the next check publishes.', async () => {
  rig.commit()
  rig.trains({})
  const started = await rig.run({ recipes: [publishing({ wait: false })] })
  expect(started.outcome.publication).toMatchObject({ end: null, now: null })
  rig.provider.endAll()
  rig.home.clock.advance(minute)
  const { outcome } = await rig.run({ recipes: [publishing({ wait: false })] })
  expect(outcome).toMatchObject({ verdict: 'skipped', publication: { end: 'published' } })
})

describe('When the Hub does not do it', () => {
  test('A refusal to write holds it at once, and says which right is missing.', async () => {
    await rig.train()
    rig.hub.fault({ path: /numbers\/commit\/main/, status: 403, body: { error: 'Forbidden' }, times: 99 })
    const { publication } = await rig.train()
    expect(publication).toMatchObject({
      end: 'held',
      reason: expect.stringContaining('does not let hf-token write'),
    })
  })

  test('What fails is tried by three checks, and then held with the reason.', async () => {
    await rig.train()
    const outage = rig.hub.fault({
      path: /numbers\/commit\/main/,
      status: 500,
      times: Number.POSITIVE_INFINITY,
    })
    expect((await rig.train()).publication).toMatchObject({ end: 'due' })
    for (const end of ['due', 'held']) {
      rig.home.clock.advance(11 * minute)
      const { outcome } = await rig.run({ recipes: [publishing()] })
      expect(outcome.publication).toMatchObject({ end })
    }
    outage.lift()
    rig.home.clock.advance(11 * minute)
    const { outcome } = await rig.run({ recipes: [publishing()] })
    expect(outcome.publication).toMatchObject({ end: null, now: { n: 1 } })
  })

  test('A check soon after a failed one leaves it alone.', async () => {
    await rig.train()
    rig.hub.fault({ path: /numbers\/commit\/main/, status: 500, times: Number.POSITIVE_INFINITY })
    await rig.train()
    const sent = rig.hub.requests.length
    const { outcome } = await rig.run({ recipes: [publishing()] })
    expect(outcome.publication).toMatchObject({ end: 'due' })
    expect(rig.hub.requests.slice(sent).filter(({ path }) => path.includes('/commit/'))).toEqual([])
  })

  test('Files that the Hub cannot copy go through the runner.', async () => {
    const outcome = await rig.train({ withoutXet: true })
    expect(outcome.publication).toMatchObject({ end: 'published' })
    expect(rig.read('model.safetensors')).toContain('weights of')
  })

  test("A person's tag of that name stays, and the run says so.", async () => {
    await rig.train()
    const next = rig.commit()
    rig.hub.state.repositories
      .find('model', stable)
      ?.refs.set(`refs/tags/data-${next.slice(0, 7)}`, 'a'.repeat(40))
    rig.trains({})
    const { outcome } = await rig.run({ recipes: [publishing()] })
    expect(outcome.publication).toMatchObject({ end: 'published', now: { tag: null } })
    expect(outcome.publication?.warnings).toEqual([expect.stringContaining('left as it is')])
  })
})
