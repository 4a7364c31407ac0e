import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { shortRevision } from '../../../src/domain/revision.ts'
import { type PublishRig, publishing, stable, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

describe('A success is published', () => {
  test('The first one makes the stable model, private, with one commit and a tag.', async () => {
    const outcome = await rig.train({ metrics: { eval_accuracy: 0.9 } })
    const name = shortRevision(rig.head())
    expect(outcome.publication).toMatchObject({
      model: stable,
      end: 'published',
      now: { n: 1, tag: `data-${name}` },
    })
    expect(rig.hub.repository(stable, 'model').private).toBe(true)
    expect(rig.titles()).toEqual([`Publish ${name} (publication 1)`, 'initial commit'])
    expect(rig.paths()).toEqual(['config.json', 'model.safetensors'])
    expect(rig.tags()).toEqual([`data-${name}`])
    expect((await rig.records(publishing())).map(({ publish }) => publish)).toEqual([null])
  })

  test('The next one replaces it: files that are gone are deleted, and the tag of the first still loads it.', async () => {
    await rig.train({ files: { 'vocab.txt': 'a b c' } })
    const first = shortRevision(rig.head())
    const outcome = await rig.train()
    expect(outcome.publication).toMatchObject({ end: 'published', now: { n: 2 }, replaced: { n: 1 } })
    expect(rig.paths()).toEqual(['config.json', 'model.safetensors'])
    expect(rig.paths(`data-${first}`)).toEqual(['config.json', 'model.safetensors', 'vocab.txt'])
  })
})
