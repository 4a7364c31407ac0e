import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Recipe } from '../../../src/domain/recipe.ts'
import type { TrainingOrder } from '../../../src/domain/training.ts'
import { proveModel } from '../../../src/trainers/output/prove-model.ts'
import { connect } from '../../hub/connect.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { order } from '../order.ts'

const token = 'hf_ann'
let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token })
})
afterEach(() => sandbox.close())

function prove(
  options: { recipe?: Partial<Recipe>; rest?: Partial<TrainingOrder>; isAutotrain?: boolean } = {},
) {
  const { recipe = {}, rest = {}, isAutotrain = false } = options
  return proveModel(connect(sandbox.url, token).hub, {
    order: order({ trainer: 'job', ...recipe }, rest),
    isAutotrain,
    hide: (text) => text.replaceAll(token, '***'),
    signal: new AbortController().signal,
  })
}

function push(files: Record<string, string>, title = 'End of training'): string {
  const name = 'ann/digits-1'
  if (sandbox.state.repositories.find('model', name) === undefined) sandbox.createModel({ name })
  return sandbox.commit(name, { type: 'model', files, title }).sha
}

test.each([
  ['model.safetensors'],
  ['model-00001-of-00002.safetensors'],
  ['unet/diffusion_pytorch_model.safetensors'],
  ['pytorch_model.bin'],
  ['model.joblib'],
  ['onnx/model.onnx'],
  ['q4.gguf'],
  ['model.keras'],
  ['yolo.pt'],
])('A model with %s is proved', async (path) => {
  push({ [path]: 'weights' })
  expect(await prove()).toEqual({ isChecked: true, lacks: null, measured: { metrics: {}, unmeasured: [] } })
})

test.each([
  ['training_args.bin'],
  ['optimizer.pt'],
  ['scheduler.pt'],
  ['rng_state.pth'],
  ['checkpoint-500/model.safetensors'],
  ['runs/events.bin'],
  ['notes.txt'],
])('A model with nothing but %s has no weights', async (path) => {
  push({ [path]: 'x' })
  expect(await prove()).toMatchObject({
    lacks: expect.stringMatching(/^pushed no weights to ann\/digits-1 /),
  })
})

test('A model that is not there is no proof', async () => {
  expect(await prove()).toMatchObject({ lacks: 'pushed no model to ann/digits-1' })
})

test('A model whose newest commit is the one from before the order is no proof', async () => {
  const before = push({ 'model.safetensors': 'old' })
  expect(await prove({ rest: { modelHead: before } })).toMatchObject({
    lacks: 'pushed nothing new to ann/digits-1',
  })
  push({ 'model.safetensors': 'new' })
  expect(await prove({ rest: { modelHead: before } })).toMatchObject({ lacks: null })
})

test('A model whose newest commit is a checkpoint is no proof, and the token in its title is hidden', async () => {
  push({ 'model.safetensors': 'half' }, `Training in progress, step 500 ${token}`)
  expect(await prove()).toMatchObject({
    lacks:
      'last pushed a checkpoint to ann/digits-1 ("Training in progress, step 500 ***"), not the finished model',
  })
  push({ 'model.safetensors': 'whole' }, 'End of training')
  expect(await prove()).toMatchObject({ lacks: null })
})

const cardOf = (library: string) => `---\ntags:\n- a\nlibrary_name: ${library}\n---\n# Model\n`

test.each([
  ['transformers', 'config.json'],
  ['"transformers"', 'config.json'],
  ['peft', 'adapter_config.json'],
])('A card that says %s needs %s', async (library, config) => {
  push({ 'model.safetensors': 'weights', 'README.md': cardOf(library) })
  expect(await prove()).toMatchObject({ lacks: `pushed no ${config} to ann/digits-1` })
  push({ [config]: '{}' })
  expect(await prove()).toMatchObject({ lacks: null })
})

test('A card that says another library needs no config', async () => {
  push({ 'model.joblib': 'weights', 'README.md': cardOf('sklearn') })
  expect(await prove()).toMatchObject({ lacks: null })
})

test('With expect-model: false nothing is read', async () => {
  expect(await prove({ recipe: { expectModel: false } })).toEqual({
    isChecked: false,
    lacks: null,
    measured: { metrics: {}, unmeasured: [] },
  })
  expect(sandbox.requests).toEqual([])
})

test('After AutoTrain the model is checked whatever the recipe expects, and needs its final files', async () => {
  push({ 'model.safetensors': 'weights' })
  expect(await prove({ recipe: { expectModel: false }, isAutotrain: true })).toMatchObject({
    isChecked: true,
    lacks: 'pushed no README.md, config.json to ann/digits-1',
  })
})

test('A Hub that does not answer neither proves nor disproves a model', async () => {
  push({ 'model.safetensors': 'weights' })
  sandbox.fault({ path: /\/commits\/main/, status: 503, times: 2 })
  expect(await prove()).toMatchObject({ lacks: null })
  sandbox.fault({ path: /\/tree\/main/, status: 503, times: Number.POSITIVE_INFINITY })
  await expect(prove()).rejects.toMatchObject({ name: 'HttpError', status: 503 })
})
