import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { CannotPublish } from '../../src/publish/refusals.ts'
import { tagPublished } from '../../src/publish/tag.ts'
import { connect } from '../hub/connect.ts'
import { idOf, publishedOfFirst, run, type Stage, stable, startStage, title, weights } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await startStage()
})
afterEach(() => stage.sandbox.close())

const hub = () => connect(stage.sandbox.url, 'hf_ann_writes').hub

describe('A first publication', () => {
  test('It makes a private model with the files of the run in one commit, copied by the Hub.', async () => {
    const result = await stage.publish()
    expect(stage.sandbox.repository(stable, 'model').private).toBe(true)
    expect(stage.titles()).toEqual(['initial commit', title])
    expect(result).toMatchObject({
      commit: stage.head(),
      isNew: true,
      streamedBytes: 0,
      copiedBytes: 600_000,
    })
    expect(await stage.contents()).toEqual({
      ...publishedOfFirst,
      'README.md': idOf('# The run\npublished\n'),
    })
    expect(stage.uploads()).toBe(0)
    const [copy] = stage.sandbox.requests.filter(({ path }) => path.endsWith('/lfs-files/duplicate'))
    expect(copy?.path).toContain(`/${run}/`)
  })

  test('Its tag loads it with the official client, also after the next publication.', async () => {
    const { commit } = await stage.publish()
    const tag = { model: stable, tag: 'data-1d55c3a', commit, message: 'acme/digits at 1d55c3a' }
    expect(await tagPublished(hub(), tag)).toBe('tagged')
    stage.commit({ 'model.safetensors': weights(9) })
    await stage.publish({ parent: commit, title: 'Publish again (auto-retrain publication 2)' })
    expect(await stage.contents('data-1d55c3a')).toMatchObject(publishedOfFirst)
    expect(await stage.contents()).toMatchObject({ 'model.safetensors': idOf(weights(9)) })
  })

  test('With publish-code the code is published too.', async () => {
    await stage.publish({ includesCode: true })
    expect(Object.keys(await stage.contents())).toContain('training/train.py')
  })

  test.each([
    ['the answer is lost', { reset: true, applied: true }],
    ['the answer is an error', { status: 502, applied: true }],
  ])('Where the model is made and %s, it is used.', async (_, fault) => {
    stage.sandbox.fault({ method: 'POST', path: /repos\/create/, ...fault })
    expect(await stage.publish()).toMatchObject({ commit: stage.head(), isNew: true })
  })

  test('An empty private model, as an earlier try leaves it, is used.', async () => {
    stage.sandbox.createModel({ name: stable, private: true })
    await stage.publish()
    expect(stage.titles()).toEqual(['initial commit', title])
  })

  test.each([
    ['has files', { private: true, files: { 'model.safetensors': 'theirs' } }, 'has files'],
    ['is public', { private: false }, 'is not private'],
  ])('A model that was made in between and %s is left alone.', async (_, made, problem) => {
    stage.sandbox.createModel({ name: stable, ...made })
    const before = stage.head()
    await expect(stage.publish()).rejects.toThrow(problem)
    await expect(stage.publish()).rejects.toThrow(CannotPublish)
    expect(stage.head()).toBe(before)
  })

  test("A run's model without files to publish is refused before anything is made.", async () => {
    stage.commit({}, { deletions: Object.keys(publishedOfFirst) })
    await expect(stage.publish()).rejects.toThrow('has no file that can be published')
    expect(stage.sandbox.state.repositories.find('model', stable)).toBeUndefined()
  })
})
