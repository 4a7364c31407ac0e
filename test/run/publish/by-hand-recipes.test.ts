import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { toOutputs } from '../../../src/action/runner/command-files/outputs.ts'
import { shortRevision } from '../../../src/domain/revision.ts'
import { digits } from '../rig.ts'
import { type PublishRig, publishing, stable, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

const numbers = publishing({ autotrainProjectPrefix: 'digits' })
const figures = publishing({ autotrainProjectPrefix: 'figures', publishTo: 'ann/figures-best' })
const both = [numbers, figures]
const ask = (publishRevision: string, recipes = both) =>
  rig.run({ recipes, request: { publishRevision, byPerson: true } })

/** Trains two revisions; returns the first one's digits. */
async function trainTwice(recipes = both): Promise<string> {
  await rig.train({}, { recipes })
  const first = shortRevision(rig.head())
  await rig.train({}, { recipes })
  return first
}

describe('Two recipes that train on one dataset, and both publish', () => {
  test('A revision means a training of each, and the refusal lists names that work.', async () => {
    const first = await trainTwice()
    const { outcome } = await ask(first)
    expect(outcome).toMatchObject({
      verdict: 'refused',
      reason: `publish-revision: ${first} may mean several trainings: give one of ${stable}@${first}, ann/figures-best@${first}.`,
    })
    const { outcomes } = await ask(`${stable}@${first}`)
    expect(outcomes.map(({ publication }) => publication?.end)).toEqual(['published', null])
    expect(rig.titles()[0]).toContain(`Publish ${first} by hand`)
  })

  test.each([
    ['attempt', (short: string) => `${short}-1`],
    ['tag', (short: string) => `data-${short}`],
  ])('So does the same %s.', async (_what, nameOf) => {
    const first = await trainTwice()
    const { outcome } = await ask(nameOf(first))
    expect(outcome.reason).toContain(`give one of ${stable}@${first}, ann/figures-best@${first}.`)
  })

  test("The name of a run's model means one of them.", async () => {
    const first = await trainTwice()
    const { outcomes } = await ask(`figures-${first}`)
    expect(outcomes).toMatchObject([
      { verdict: 'skipped', reason: 'publish-revision asks for a run of another recipe.' },
      { verdict: 'skipped', publication: { model: 'ann/figures-best', end: 'published', now: { n: 3 } } },
    ])
  })

  test('What can be published is listed with the model that it would be published to.', async () => {
    await rig.train({}, { recipes: both })
    const short = shortRevision(rig.head())
    const { outcome } = await ask('1234567')
    expect(outcome.reason).toContain(`these can be published: ${stable}@${short}, ann/figures-best@${short}.`)
  })
})

describe('The outputs of several recipes', () => {
  test('They are those of the recipe that a person published.', async () => {
    const recipes = [digits({ autotrainProjectPrefix: 'figures' }), publishing()]
    const first = await trainTwice(recipes)
    const { outcomes } = await ask(first, recipes)
    expect(rig.titles()[0]).toContain('by hand')
    expect(toOutputs(outcomes)).toMatchObject({ published: 'true', 'published-model': stable })
  })
})

describe('A recipe whose publications cannot be read', () => {
  const spoil = () => {
    const refOf = (part: string) =>
      rig.home.refs().find((ref) => ref.includes('figures') && ref.includes(part)) ?? ''
    rig.home.git.refs.set(refOf('publish/1-done'), rig.home.git.refs.get(refOf('/day/')) ?? '')
  }

  test('It does not take the way back from another recipe.', async () => {
    await rig.train({}, { recipes: [numbers] })
    const first = shortRevision(rig.head())
    await rig.train({}, { recipes: both })
    spoil()
    const { outcomes } = await ask(first)
    expect(rig.titles()[0]).toContain('by hand')
    expect(outcomes).toMatchObject([
      { verdict: 'skipped', publication: { end: 'published' } },
      { verdict: 'skipped', reason: expect.stringContaining('What this recipe trained could not be read: ') },
    ])
  })

  test('Where it has trained the same revision, a person has to say which recipe is meant.', async () => {
    const first = await trainTwice()
    spoil()
    const { outcome } = await ask(first)
    expect(outcome).toMatchObject({
      verdict: 'refused',
      reason: `publish-revision: ${first} may also mean a training of a recipe that could not be read: give ${stable}@${first}.`,
    })
    await ask(`${stable}@${first}`)
    expect(rig.titles()[0]).toContain('by hand')
  })

  test('It says so by itself where no other recipe has the run.', async () => {
    const first = await trainTwice()
    spoil()
    const { outcomes } = await ask(`ann/figures-best@${first}`)
    expect(outcomes).toMatchObject([
      { verdict: 'refused', reason: expect.stringContaining(`these can be published: `) },
      { verdict: 'failed', reason: expect.stringContaining('publish/1-done') },
    ])
  })

  test('It alone fails where no other recipe publishes.', async () => {
    const recipes = [digits(), figures]
    await rig.train({}, { recipes })
    const short = shortRevision(rig.head())
    spoil()
    const { outcomes } = await ask(short, recipes)
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['skipped', 'failed'])
  })
})
