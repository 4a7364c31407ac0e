import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { newestModelCommit } from '../../../src/hub/models/commits.ts'
import { modelFiles } from '../../../src/hub/models/files.ts'
import { findModel } from '../../../src/hub/models/models.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { connect } from '../connect.ts'

let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
  sandbox.createModel({ name: 'ann/digits-1' })
  sandbox.createDataset({ name: 'ann/only-a-dataset' })
})

afterEach(() => sandbox.close())

const exists = (model: string, token = 'hf_ann') => find(model, token).then((found) => found !== null)
const find = (model: string, token = 'hf_ann') => findModel(connect(sandbox.url, token).hub, { model })

test('An existing model exists, and a missing one does not.', async () => {
  expect(await exists('ann/digits-1')).toBe(true)
  expect(await exists('ann/digits-2')).toBe(false)
})

test('A dataset of that name is not a model.', async () => {
  expect(await exists('ann/only-a-dataset')).toBe(false)
})

test('A private model of the same account exists.', async () => {
  sandbox.createModel({ name: 'ann/hidden', private: true })
  expect(await find('ann/hidden')).toMatchObject({ visibility: 'private' })
})

test('A Hub that does not answer is an error, neither yes nor no.', async () => {
  sandbox.fault({ path: /models/, status: 500, times: 9 })
  await expect(exists('ann/digits-1')).rejects.toMatchObject({ status: 500 })
})

test('An answer that is about no model is an error, neither yes nor no.', async () => {
  sandbox.fault({ path: /models/, status: 200, body: { error: 'busy' } })
  await expect(exists('ann/digits-2')).rejects.toThrow('unknown form')
})

test('An unknown token is an error, not a missing model.', async () => {
  await expect(exists('ann/digits-1', 'hf_no')).rejects.toMatchObject({ status: 401 })
})

const newest = (model: string, token = 'hf_ann') =>
  newestModelCommit(connect(sandbox.url, token).hub, { model })

test('The newest commit of a model has its id and its title.', async () => {
  const { sha } = sandbox.commit('ann/digits-1', {
    type: 'model',
    files: { 'model.safetensors': 'weights' },
    title: 'End of training',
  })
  expect(await newest('ann/digits-1')).toEqual({ id: sha, title: 'End of training' })
})

test('A model that is not there has no newest commit.', async () => {
  expect(await newest('ann/digits-2')).toBeNull()
})

test('A Hub that does not answer is an error, not a model without commits.', async () => {
  sandbox.fault({ path: /commits/, status: 500, times: 9 })
  await expect(newest('ann/digits-1')).rejects.toMatchObject({ status: 500 })
})

test('The files of a model are listed with those in its folders.', async () => {
  sandbox.commit('ann/digits-1', { type: 'model', files: { 'config.json': '{}', 'onnx/model.onnx': 'w' } })
  const files = await modelFiles(connect(sandbox.url, 'hf_ann').hub, { model: 'ann/digits-1' })
  expect([...(files ?? [])]).toEqual(expect.arrayContaining(['config.json', 'onnx/model.onnx']))
})
