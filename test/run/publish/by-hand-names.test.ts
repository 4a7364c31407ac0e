import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { shortRevision } from '../../../src/domain/revision.ts'
import { leaveRecord } from '../left-record.ts'
import { type PublishRig, publishing, stable, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

const recipe = publishing({ autotrainProjectPrefix: 'figures' })
const options = { recipes: [recipe] }
const ask = (wanted: string) => rig.byHand(wanted, { autotrainProjectPrefix: 'figures' })

/** Trains on the same revision once more. */
async function trainAgain(): Promise<Outcome> {
  rig.home.clock.advance(3_600_000)
  return (await rig.run({ ...options, request: { force: true, byPerson: true } })).outcome
}

describe('A run is published by each of its names', () => {
  test.each<[string, (short: string) => string]>([
    ['its project', (short) => `figures-${short}`],
    ['its model', (short) => `ann/figures-${short}`],
    ['its model in other letters', (short) => `Ann/Figures-${short.toUpperCase()}`],
    ['its revision in capitals', (short) => short.toUpperCase()],
    ['publish-to at its revision', (short) => `${stable}@${short}`],
    ['publish-to at its attempt', (short) => `${stable}@${short}-1`],
    ['publish-to at its tag, as a model is loaded', (short) => `${stable}@data-${short}`],
    ['publish-to at its project', (short) => `${stable}@figures-${short}`],
  ])('%s', async (_what, nameOf) => {
    await rig.train({}, options)
    const first = shortRevision(rig.head())
    await rig.train({}, options)
    const outcome = await ask(nameOf(first))
    expect(outcome).toMatchObject({ verdict: 'skipped', publication: { end: 'published' } })
    expect(rig.titles()[0]).toBe(`Publish ${first} by hand (publication 3)`)
  })
})

test('A project is one training, where its revision was trained more than once.', async () => {
  const { project } = await rig.train({}, options)
  const again = await trainAgain()
  expect(again).toMatchObject({ verdict: 'succeeded', attempt: 2 })
  expect((await ask(project ?? '')).publication).toMatchObject({ run: { attempt: 1 } })
  expect((await ask(again.project ?? '')).publication).toMatchObject({ run: { attempt: 2 } })
})

test('What a refusal lists means that training, where its revision was trained more than once.', async () => {
  await rig.train({}, options)
  const short = shortRevision(rig.head())
  await trainAgain()
  const { reason } = await ask('1234567')
  expect(reason).toContain(`these can be published: ${short}-2, ${short}-1.`)
})

test('Where two revisions begin with the same digits, the refusal lists names with more of them.', async () => {
  const revisions = ['a', 'b'].map((end) => `1d55c3a${end.repeat(33)}`)
  for (const [n, revision] of revisions.entries()) {
    const project = `auto-retrain-1d55c3a-${n + 1}`
    await leaveRecord(rig, { revision, state: 'succeeded', claim: { project, model: `ann/${project}` } })
  }
  const listed = ['1d55c3aaaaaa', '1d55c3abbbbb']
  const { verdict, reason } = await rig.byHand('1d55c3a')
  expect(verdict).toBe('refused')
  for (const name of listed) expect(reason).toContain(name)
  expect((await rig.byHand('1234567')).reason).toContain(listed.toReversed().join(', '))
  expect((await rig.byHand('1d55c3aa')).reason).not.toContain('several')
})

test.each(['other-', 'bob/figures-', 'ann/others@'])(
  'A name that begins with %s means no training of this recipe.',
  async (beginning) => {
    await rig.train({}, options)
    const short = shortRevision(rig.head())
    const outcome = await ask(`${beginning}${short}`)
    expect(outcome).toMatchObject({
      verdict: 'refused',
      reason: `publish-revision: no successful training is called ${beginning}${short}; these can be published: ${short}.`,
    })
  },
)
