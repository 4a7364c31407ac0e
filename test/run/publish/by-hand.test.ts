import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { shortRevision } from '../../../src/domain/revision.ts'
import { digits } from '../rig.ts'
import { type PublishRig, publishing, stable, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

const head = () => shortRevision(rig.head())

describe('publish-revision', () => {
  test('It goes back to an earlier run without a training, and keeps the history.', async () => {
    await rig.train()
    const first = head()
    const weights = rig.read('model.safetensors')
    await rig.train()
    const paid = rig.provider.paid.length
    const outcome = await rig.byHand(first)
    expect(outcome).toMatchObject({
      verdict: 'skipped',
      publication: { end: 'published', byHand: true, now: { n: 3 } },
    })
    expect(rig.read('model.safetensors')).toBe(weights)
    expect(rig.titles()[0]).toBe(`Publish ${first} by hand (publication 3)`)
    expect(rig.titles()).toHaveLength(4)
    expect(rig.tags()).toHaveLength(2)
    expect(rig.provider.paid).toHaveLength(paid)
  })

  test('It takes a tag, and an attempt by its number.', async () => {
    await rig.train()
    const first = head()
    await rig.train()
    expect((await rig.byHand(`data-${first}`)).publication).toMatchObject({ end: 'published' })
    const second = head()
    expect((await rig.byHand(`${second}-1`)).publication).toMatchObject({ end: 'published' })
  })

  test('It publishes what the gate held back.', async () => {
    const compared = { recipes: [publishing({ compareMetric: 'eval_accuracy' })] }
    await rig.train({ metrics: { eval_accuracy: 0.9 } }, compared)
    await rig.train({ metrics: { eval_accuracy: 0.1 } }, compared)
    const outcome = await rig.byHand(head(), { compareMetric: 'eval_accuracy' })
    expect(outcome.publication).toMatchObject({ end: 'published', now: { metrics: { eval_accuracy: 0.1 } } })
  })

  test('A run that was superseded by the rollback is not published by a later check.', async () => {
    await rig.train()
    const first = head()
    await rig.train()
    await rig.byHand(first)
    await rig.run({ recipes: [publishing()] })
    expect(rig.titles()[0]).toContain('by hand')
  })

  test('What is published already is not published again.', async () => {
    await rig.train()
    const before = rig.titles()
    const outcome = await rig.byHand(head())
    expect(outcome).toMatchObject({
      verdict: 'skipped',
      reason: `${head()} is what ${stable} has already: nothing was published or trained.`,
      publication: { end: null, now: { n: 1 } },
    })
    expect(rig.titles()).toEqual(before)
  })

  test('The next success replaces a rollback.', async () => {
    await rig.train()
    const first = head()
    await rig.train()
    await rig.byHand(first)
    expect((await rig.train()).publication).toMatchObject({ end: 'published', now: { n: 4, byHand: false } })
  })

  test('A run of before publish-to was set can be published.', async () => {
    await rig.train({}, { recipes: [digits()] })
    expect(rig.hub.state.repositories.find('model', stable)).toBeUndefined()
    expect((await rig.byHand(head())).publication).toMatchObject({ end: 'published' })
  })

  test.each([
    ['1234567', /no successful training is called 1234567; these can be published: [0-9a-f]{7}\./],
    ['data-1234567', /no successful training is called data-1234567/],
    ['v1', /no successful training is called v1/],
  ])('%s, which no run is called, is refused with what there is.', async (wanted, sentence) => {
    await rig.train()
    const outcome = await rig.byHand(wanted)
    expect(outcome).toMatchObject({ verdict: 'refused', reason: expect.stringMatching(sentence) })
  })

  test('A dry run says what it would do, and does nothing.', async () => {
    await rig.train()
    const first = head()
    await rig.train()
    const before = rig.titles()
    const request = { publishRevision: first, byPerson: true, dryRun: true }
    const { outcome } = await rig.run({ recipes: [publishing()], request })
    expect(outcome).toMatchObject({
      verdict: 'planned',
      reason: `Dry run: it would publish ${first} as ${stable}.`,
    })
    expect(rig.titles()).toEqual(before)
  })

  test('What stands in the way of a person too is refused with what to do.', async () => {
    await rig.train()
    rig.meddle({ 'config.json': '{"mine": true}' })
    const outcome = await rig.byHand(head())
    expect(outcome.verdict).toBe('refused')
    expect(outcome.reason).toMatch(
      /a commit that this recipe did not make \([0-9a-f]{7}\): set publish-over: true/,
    )
    expect((await rig.byHand(head(), { publishOver: true })).publication).toMatchObject({ end: 'published' })
  })

  test('Without publish-to it is refused.', async () => {
    await rig.train({}, { recipes: [digits()] })
    const outcome = await rig.byHand(head(), { publishTo: null })
    expect(outcome).toMatchObject({
      verdict: 'refused',
      reason: 'publish-revision needs publish-to: set the model that people load in the recipe.',
    })
  })
})
