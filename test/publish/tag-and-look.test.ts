import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { lookAtModel } from '../../src/publish/look.ts'
import { tagPublished } from '../../src/publish/tag.ts'
import { connect } from '../hub/connect.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'

const model = 'acme/digits'
let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub({ retryDelaysMs: [] })
  sandbox.addUser({ name: 'ann', token: 'hf_ann_writes', orgs: ['acme'] })
  sandbox.addToken({ token: 'hf_ann_reads', user: 'ann', role: 'read' })
  sandbox.createModel({ name: model, private: true, files: { 'config.json': '{}' } })
})
afterEach(() => sandbox.close())

const refs = () => sandbox.repository(model, 'model').refs
const head = () => refs().get('refs/heads/main') ?? ''

describe('The tag of a publication', () => {
  const tag = (change: { commit?: string; token?: string } = {}) =>
    tagPublished(connect(sandbox.url, change.token ?? 'hf_ann_writes').hub, {
      model,
      tag: 'data-1d55c3a',
      commit: change.commit ?? head(),
      message: 'acme/data at 1d55c3a',
    })

  test('It is made once.', async () => {
    expect(await tag()).toBe('tagged')
    expect(refs().get('refs/tags/data-1d55c3a')).toBe(head())
    expect(await tag()).toBe('there')
  })

  test('One that points elsewhere is never moved.', async () => {
    const old = head()
    await tag()
    sandbox.commit(model, { type: 'model', files: { 'config.json': '{ }' } })
    expect(await tag()).toBe('taken')
    expect(refs().get('refs/tags/data-1d55c3a')).toBe(old)
  })

  test.each([
    { reset: true, applied: true },
    { status: 502, applied: true },
  ])('With its answer lost (%j) it is found.', async (fault) => {
    sandbox.fault({ method: 'POST', path: /\/tag\//, ...fault })
    expect(await tag()).toBe('tagged')
  })

  test('One that was not made is an error.', async () => {
    sandbox.fault({ method: 'POST', path: /\/tag\//, status: 500 })
    await expect(tag()).rejects.toMatchObject({ status: 500 })
    expect(refs().has('refs/tags/data-1d55c3a')).toBe(false)
  })

  test('A token that may not make it hears which right is missing.', async () => {
    await expect(tag({ token: 'hf_ann_reads' })).rejects.toThrow('Give hf-token write access to acme/digits')
  })
})

describe('A look at the stable model', () => {
  const look = () => lookAtModel(connect(sandbox.url, 'hf_ann_writes').hub, { model })

  test('A model that is not there is null.', async () => {
    sandbox.state.repositories.delete(sandbox.repository(model, 'model'))
    expect(await look()).toBeNull()
  })

  test('It shows the head, who can read it, and the newest commits with their messages.', async () => {
    const lines = [
      { key: 'header', value: { summary: 'Publish', description: 'Publication: 3' } },
      { key: 'file', value: { path: 'a.txt', content: 'a' } },
    ]
    await fetch(`${sandbox.url}/api/models/${model}/commit/main`, {
      method: 'POST',
      headers: { authorization: 'Bearer hf_ann_writes', 'content-type': 'application/x-ndjson' },
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
    })
    expect(await look()).toMatchObject({
      name: model,
      head: head(),
      visibility: 'private',
      isGated: false,
      commits: [
        { id: head(), title: 'Publish', message: 'Publication: 3' },
        { title: 'Add files', message: '' },
        { title: 'initial commit', message: '' },
      ],
    })
  })

  test('A renamed model is found under the name it has today.', async () => {
    sandbox.rename(model, 'acme/numbers', 'model')
    expect(await look()).toMatchObject({ name: 'acme/numbers' })
  })

  test('Its tree changes with its files, not with its card.', async () => {
    const before = (await look())?.tree
    sandbox.commit(model, { type: 'model', files: { 'README.md': 'Mine.' } })
    expect((await look())?.tree).toBe(before)
    sandbox.commit(model, { type: 'model', files: { 'a.txt': 'a' } })
    expect((await look())?.tree).not.toBe(before)
  })

  test('A Hub that is down is an error, not a missing model.', async () => {
    sandbox.fault({ path: /commits/, status: 500, times: 9 })
    await expect(look()).rejects.toMatchObject({ status: 500 })
  })
})
