import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { shortRevision } from '../../../src/domain/revision.ts'
import { dataset } from '../rig.ts'
import { type PublishRig, publishing, stable, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

/** Trains two revisions; returns the first one's digits. */
async function trainTwice(): Promise<string> {
  await rig.train()
  const first = shortRevision(rig.head())
  await rig.train()
  return first
}

const makePublic = () => {
  rig.hub.repository(stable, 'model').private = false
}

describe('A public model of a public dataset', () => {
  test('It is taken back to a revision that a squash of the dataset removed.', async () => {
    const first = await trainTwice()
    makePublic()
    rig.hub.squash(dataset)
    expect((await rig.byHand(first)).publication?.end).toBe('published')
  })

  test('It is held when the dataset is gone.', async () => {
    const first = await trainTwice()
    makePublic()
    rig.hub.state.repositories.delete(rig.hub.repository(dataset))
    expect((await rig.byHand(first)).publication).toMatchObject({
      end: 'held',
      reason: expect.stringContaining('the dataset is not known to be public'),
    })
  })

  test('It is held when another dataset, a public one, has the name now.', async () => {
    const first = await trainTwice()
    makePublic()
    rig.hub.rename(dataset, 'ann/secret')
    rig.hub.setPrivate('ann/secret', true)
    rig.hub.createDataset({ name: dataset })
    expect((await rig.byHand(first)).publication).toMatchObject({
      end: 'held',
      reason: expect.stringContaining('the dataset is not known to be public'),
    })
  })

  test('It is held when the dataset became private.', async () => {
    const first = await trainTwice()
    makePublic()
    rig.hub.squash(dataset)
    rig.hub.setPrivate(dataset, true)
    expect((await rig.byHand(first)).publication).toMatchObject({
      end: 'held',
      reason: expect.stringContaining('the dataset is private'),
    })
  })
})

describe('After a rename of the dataset, before the first check', () => {
  test('publish-revision finds the runs of before.', async () => {
    const first = await trainTwice()
    rig.hub.rename(dataset, 'ann/renamed')
    const { verdict, reason } = await rig.byHand(first, { inputDataset: 'ann/renamed' })
    expect([verdict, reason]).toEqual(['skipped', `Published ${first} as ${stable}; nothing was trained.`])
  })

  test('It works under the new name, and asks for it in the config.', async () => {
    const first = await trainTwice()
    rig.hub.rename(dataset, 'ann/renamed')
    const lines: string[] = []
    const { outcome } = await rig.run({
      recipes: [publishing()],
      request: { publishRevision: first, byPerson: true },
      onLine: (line) => lines.push(line),
    })
    expect(outcome).toMatchObject({
      recipe: { inputDataset: 'ann/renamed' },
      publication: { end: 'published' },
    })
    expect(rig.read('README.md')).toContain('ann/renamed')
    expect(lines.join('\n')).toContain('The dataset ann/digits is called ann/renamed now: set input-dataset')
  })
})
