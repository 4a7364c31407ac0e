import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { MovedOn } from '../../src/hub/models/publish/raw-commit.ts'
import { listModelVersion } from '../../src/hub/models/publish/version.ts'
import { lookAtModel } from '../../src/publish/look.ts'
import { treeDigest } from '../../src/publish/published-files.ts'
import { connect } from '../hub/connect.ts'
import {
  type Change,
  idOf,
  publishedOfFirst,
  run,
  type Stage,
  stable,
  startStage,
  title,
  weights,
} from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await startStage()
})
afterEach(() => stage.sandbox.close())

const hub = () => connect(stage.sandbox.url, 'hf_ann_writes').hub

describe('A later publication', () => {
  let parent: string

  beforeEach(async () => {
    parent = (await stage.publish({ title: 'Publish the first' })).commit
  })
  const next = (change: Change = {}) => stage.publish({ parent, ...change })

  test('Nothing is sent where the files are the same already.', async () => {
    stage.commit({ 'README.md': '# Another card\n' })
    const { tree } = (await lookAtModel(hub(), { model: stable })) ?? {}
    expect(await next()).toEqual({ commit: parent, tree, isNew: false, streamedBytes: 0, copiedBytes: 0 })
    expect(stage.titles()).toEqual(['initial commit', 'Publish the first'])
  })

  test('Files that the run no longer has are deleted, and only what changed is copied.', async () => {
    stage.commit(
      { 'model.safetensors': weights(7), 'vocab/a.txt': 'a\n' },
      { deletions: ['onnx/model.onnx', 'config.json'] },
    )
    expect(await next()).toMatchObject({ copiedBytes: 300_000, streamedBytes: 0 })
    expect(await stage.contents()).toEqual({
      'model.safetensors': idOf(weights(7)),
      'vocab/a.txt': idOf('a\n'),
      'README.md': idOf('# The run\npublished\n'),
    })
    expect(stage.titles()).toEqual(['initial commit', 'Publish the first', title])
  })

  test('A file that moved into LFS, or out of it, is published as it is now.', async () => {
    stage.commit({}, { deletions: ['onnx/model.onnx', 'config.json'] })
    stage.commit({ 'config.json': weights(8), 'onnx/note.txt': 'x' })
    await next()
    expect(await stage.contents()).toMatchObject({
      'config.json': idOf(weights(8)),
      'onnx/note.txt': idOf('x'),
    })
  })

  test("The card gets both texts, and a person's text in it stays.", async () => {
    stage.commit({ 'README.md': 'Mine.\n' }, { model: stable })
    stage.commit({ 'model.safetensors': weights(7) })
    await next({ parent: stage.head(), card: ({ published, run: ofRun }) => `${published}${ofRun}` })
    expect(await stage.contents()).toMatchObject({ 'README.md': idOf('Mine.\n# The run\n') })
  })

  test('A commit that came in between is not written over.', async () => {
    stage.commit({ 'model.safetensors': weights(7) })
    stage.commit({ 'mine.txt': 'mine' }, { model: stable, title: 'Mine' })
    await expect(next()).rejects.toThrow(MovedOn)
    expect(stage.titles().at(-1)).toBe('Mine')
  })

  test('A commit that came in between counts too where the Hub calls it a conflict.', async () => {
    stage.commit({ 'model.safetensors': weights(7) })
    const fault = { method: 'POST', path: /acme\/digits\/commit\/main/, status: 409, times: 9 }
    const struck = stage.sandbox.fault(fault)
    const beforeCommit = async () => {
      stage.commit({ 'mine.txt': 'mine' }, { model: stable })
    }
    await expect(next({ beforeCommit })).rejects.toThrow(MovedOn)
    expect(struck.hits).toBe(1)
  })

  test('A content that the model has under another path is not copied again.', async () => {
    stage.commit({ 'renamed/model.safetensors': weights(1) }, { deletions: ['model.safetensors'] })
    expect(await next()).toMatchObject({ copiedBytes: 0, streamedBytes: 0 })
    expect(await stage.contents()).toMatchObject({ 'renamed/model.safetensors': idOf(weights(1)) })
  })

  test('A commit that does not have the files of the run is an error, not a success.', async () => {
    stage.commit({ 'model.safetensors': weights(7) })
    const body = { commitOid: parent }
    stage.sandbox.fault({ method: 'POST', path: /acme\/digits\/commit\/main/, status: 200, body })
    await expect(next()).rejects.toThrow('does not have the files of the run')
  })

  test('A small file that arrives with other bytes is not published.', async () => {
    stage.commit({ 'config.json': '{"labels":11}' })
    stage.sandbox.fault({ path: /resolve-cache.*config\.json/, status: 200, body: '{"labels":99}' })
    await expect(next()).rejects.toThrow('other bytes of a small file')
    expect(stage.head()).toBe(parent)
  })

  test('A history that was rewritten in between is not written over.', async () => {
    stage.sandbox.squash(stable, { type: 'model' })
    await expect(next()).rejects.toThrow(MovedOn)
  })

  test.each([
    ['the answer is lost', { reset: true, applied: true }],
    ['a proxy answers in its place', { status: 504, body: 'Gateway Time-out', applied: true }],
    ['it has an unknown form', { status: 200, body: { ok: true }, applied: true }],
  ])('Where the commit is made and %s, no second one is made.', async (_, fault) => {
    stage.commit({ 'model.safetensors': weights(7) })
    stage.sandbox.fault({ method: 'POST', path: /acme\/digits\/commit\/main/, ...fault })
    expect(await next()).toMatchObject({ commit: stage.head(), isNew: true })
    expect(stage.titles().filter((each) => each === title)).toHaveLength(1)
  })

  test('After a lost answer ours is found below a commit of a person.', async () => {
    stage.commit({ 'model.safetensors': weights(7) })
    let done = () => {}
    const until = new Promise<void>((resolve) => {
      done = resolve
    })
    stage.sandbox.fault({
      method: 'POST',
      path: /acme\/digits\/commit\/main/,
      reset: true,
      applied: true,
      until,
    })
    const ended = next()
    while (!stage.titles().includes(title)) await new Promise((resolve) => setImmediate(resolve))
    const ours = stage.head()
    stage.commit({ 'README.md': 'Mine.\n' }, { model: stable, title: 'Mine' })
    done()
    expect(await ended).toMatchObject({ commit: ours })
  })

  test('A commit that was not made is sent again, after another look by the caller.', async () => {
    stage.commit({ 'model.safetensors': weights(7) })
    stage.sandbox.fault({ method: 'POST', path: /acme\/digits\/commit\/main/, reset: true })
    let looks = 0
    await next({
      beforeCommit: async () => {
        looks += 1
      },
    })
    expect(looks).toBe(2)
    expect(stage.titles().filter((each) => each === title)).toHaveLength(1)
  })

  test('A Hub that never answers the commit is asked three times.', async () => {
    stage.commit({ 'model.safetensors': weights(7) })
    const fault = stage.sandbox.fault({
      method: 'POST',
      path: /acme\/digits\/commit\/main/,
      reset: true,
      times: 9,
    })
    await expect(next()).rejects.toThrow('got no answer')
    expect(fault.hits).toBe(3)
  })

  test('What stops right before the commit leaves nothing to see, and the next try finishes it.', async () => {
    stage.commit({ 'model.safetensors': weights(7) })
    const stop = new Error('The job was killed.')
    await expect(next({ beforeCommit: () => Promise.reject(stop) })).rejects.toBe(stop)
    expect(stage.head()).toBe(parent)
    expect(await stage.contents()).toMatchObject(publishedOfFirst)
    await next()
    expect(await stage.contents()).toMatchObject({ 'model.safetensors': idOf(weights(7)) })
  })

  test('A caller who aborts gets the reason, and nothing is committed.', async () => {
    stage.commit({ 'model.safetensors': weights(7) })
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const beforeCommit = async () => controller.abort(reason)
    await expect(next({ signal: controller.signal, beforeCommit })).rejects.toBe(reason)
    expect(stage.head()).toBe(parent)
  })

  test('At no moment does main hold a part of a model.', async () => {
    stage.sandbox.commit(run, {
      type: 'model',
      files: { 'model.safetensors': weights(7), 'config.json': '{}\n' },
      deletions: ['onnx/model.onnx'],
    })
    await next()
    const whole = [Object.keys(publishedOfFirst), ['config.json', 'model.safetensors']].map((paths) =>
      paths.join(),
    )
    const commits = [...stage.sandbox.repository(stable, 'model').commits.keys()].slice(1)
    const seen = await Promise.all(
      commits.map(async (revision) => {
        const files = await listModelVersion(hub(), { model: stable, revision })
        return files
          .map(({ path }) => path)
          .filter((path) => !['README.md', '.gitattributes'].includes(path))
          .join()
      }),
    )
    expect(seen).toEqual(whole)
  })

  test('The result says which files are there now.', async () => {
    stage.commit({ 'model.safetensors': weights(7) })
    const { tree, commit } = await next()
    expect(tree).toBe((await lookAtModel(hub(), { model: stable }))?.tree)
    expect(tree).toBe(treeDigest(await listModelVersion(hub(), { model: stable, revision: commit })))
  })
})
