import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { digitFiles } from '../../demo/digits.ts'
import type { SandboxHub } from '../hub/start.ts'
import { startHub } from '../hub/start.ts'

const PROGRAM = fileURLToPath(new URL('../bin/autotrain', import.meta.url))

let hub: SandboxHub
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'autotrain-'))
  hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createBaseModel('microsoft/resnet-50')
})
afterEach(async () => {
  await hub.close()
  rmSync(folder, { recursive: true, force: true })
})

function write(files: Readonly<Record<string, string | Uint8Array>>, below = 'data'): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, below, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

const DIGITS = digitFiles({ from: 0, perDigit: 60 })
const few = () => Object.fromEntries(Object.entries(DIGITS).filter(([name]) => /\/000[0-5]\.png$/.test(name)))

const config = (change: object = {}) => ({
  task: 'image_classification',
  base_model: 'microsoft/resnet-50',
  project_name: 'digits-1',
  log: 'none',
  backend: 'local',
  data: {
    path: 'data',
    train_split: 'train',
    valid_split: null,
    column_mapping: { image_column: 'image', target_column: 'label' },
  },
  params: { epochs: 2, batch_size: 8 },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: AutoTrain resolves it
  hub: { username: 'ann', token: '${HF_TOKEN}', push_to_hub: true },
  ...change,
})

interface Ended {
  code: number
  stdout: string
  stderr: string
}

function autotrain(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const own = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HF_ENDPOINT: hub.url, HF_TOKEN: 'hf_ann' }
  return new Promise((resolve) => {
    execFile(PROGRAM, args, { cwd: folder, env: { ...own, ...env } }, (error, stdout, stderr) =>
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
      }),
    )
  })
}

function train(change: object = {}, env: Record<string, string> = {}): Promise<Ended> {
  writeFileSync(join(folder, 'config.yml'), stringify(config(change)))
  return autotrain(['--config', 'config.yml'], env)
}

function pushed(name: string): Record<string, string> {
  const model = hub.repository(name, 'model')
  const head = model.commits.get(model.refs.get('refs/heads/main') ?? '')
  return Object.fromEntries(
    [...(head?.tree.items.chunks.flat() ?? [])].map(({ key, entry }) => {
      const content =
        entry.type === 'directory'
          ? undefined
          : entry.lfs === undefined
            ? model.blobs.get(entry.oid)
            : model.lfs.get(entry.lfs.oid)
      return [key, Buffer.from(content ?? []).toString('latin1')]
    }),
  )
}

const metricsOf = (readme: string) =>
  Object.fromEntries(
    [...readme.matchAll(/^(\w+): ([\d.e+-]+|nan|inf)$/gm)].map(([, name, value]) => [name, Number(value)]),
  )

test('600 digits become a pushed model that recognises digits it was not trained on.', async () => {
  write(DIGITS)
  const { code, stdout } = await train({ params: { epochs: 5, batch_size: 16 } })
  expect(code).toBe(0)
  const files = pushed('ann/digits-1')
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining(['README.md', 'config.json', 'model.safetensors', 'training_params.json']),
  )
  expect(Object.keys(files)).not.toContain('autotrain-data/')
  expect(hub.repository('ann/digits-1', 'model').private).toBe(true)

  const readme = files['README.md'] ?? ''
  expect(readme).toMatch(
    /^\n---\ntags:\n- autotrain\n- transformers\n- image-classification\nbase_model: microsoft\/resnet-50\n/,
  )
  const metrics = metricsOf(readme)
  expect(metrics.accuracy).toBeGreaterThan(0.8)
  expect(Object.keys(metrics)).toEqual(
    expect.arrayContaining([
      'loss',
      'f1_macro',
      'f1_micro',
      'precision_weighted',
      'recall_macro',
      'accuracy',
    ]),
  )
  expect(stdout).toContain(`'eval_accuracy': ${metrics.accuracy}`)

  const params = JSON.parse(files['training_params.json'] ?? '')
  expect(params).toMatchObject({ project_name: 'digits-1', seed: 42, epochs: 5, valid_split: 'validation' })
  expect(params).not.toHaveProperty('token')
  expect(Object.values(files).join()).not.toContain('hf_ann')

  const weights = Buffer.from(files['model.safetensors'] ?? '', 'latin1')
  const length = Number(weights.readBigUInt64LE(0))
  const header = JSON.parse(weights.subarray(8, 8 + length).toString())
  expect(header['classifier.weight']).toMatchObject({ dtype: 'F32', shape: [10, 32] })
  const ends = Object.values<{ data_offsets?: number[] }>(header).map(
    ({ data_offsets }) => data_offsets?.[1] ?? 0,
  )
  expect(weights.byteLength).toBe(8 + length + Math.max(...ends))
})

test('The same seed gives the same model byte for byte, and another seed a different one.', async () => {
  write(few())
  const names = { 'digits-1': 42, 'digits-2': 42, 'digits-3': 7 }
  for (const [project_name, seed] of Object.entries(names)) {
    await train({ project_name, params: { epochs: 1, seed } })
  }
  const [first, second, third] = Object.keys(names).map((name) => pushed(`ann/${name}`)['model.safetensors'])
  expect(first).toBe(second)
  expect(first).not.toBe(third)
})

test("The log has AutoTrain's lines, markers and Python dicts.", async () => {
  write(few())
  const { stdout, stderr } = await train({ params: { epochs: 2, batch_size: 4, mixed_precision: 'fp16' } })
  const lines = stdout.split('\n')
  const line = /^(INFO {4}|WARNING {1}|ERROR {3}) \| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| [\w.]+:\w+:\d+ - /
  expect(lines.filter((each) => each.includes(' | ')).every((each) => line.test(each))).toBe(true)
  for (const marker of [
    'Using AutoTrain configuration: config.yml',
    'Logging steps: 1',
    'Starting to train...',
    'Finished training, saving model...',
    'Pushing model to hub...',
  ]) {
    expect(lines.filter((each) => each.endsWith(` - ${marker}`))).toHaveLength(1)
  }
  expect(lines.at(-2)).toMatch(/ - Job ID: \d+$/)
  expect(stdout).toMatch(/on_log:\d+ - \{'loss': [\d.]+, 'grad_norm': nan, 'learning_rate': 0\.0, 'epoch': /)
  expect(stdout).toMatch(/'learning_rate': \d\.\d+e-05/)
  expect(stdout).toMatch(/\{'train_runtime': [\d.]+, .*'epoch': 2\.0\}/)
  expect(stdout).toContain("'token': '*****'")
  expect(stdout + stderr).not.toContain('hf_ann')
  expect(stderr).toMatch(/\r100%\|/)
})

test('Two classes get the binary metrics.', async () => {
  const files = Object.entries(few()).filter(([name]) => /train\/[01]\//.test(name))
  write(Object.fromEntries(files))
  await train()
  const names = Object.keys(metricsOf(pushed('ann/digits-1')['README.md'] ?? ''))
  expect(names).toEqual(['loss', 'f1', 'precision', 'recall', 'auc', 'accuracy'])
})

test('Without push_to_hub nothing is created on the Hub, and the token stays in the parameters.', async () => {
  write(few())
  const { code } = await train({ hub: { username: 'ann', token: 'hf_ann', push_to_hub: false } })
  expect(code).toBe(0)
  expect(() => hub.repository('ann/digits-1', 'model')).toThrow()
  const params = JSON.parse(readFileSync(join(folder, 'digits-1/training_params.json'), 'utf8'))
  expect(params.token).toBe('hf_ann')
  expect(existsSync(join(folder, 'digits-1/README.md'))).toBe(true)
})

test('A dataset id is read from the current main, and without a validation split there are no metrics.', async () => {
  hub.createDataset({ name: 'ann/digits', private: true, files: few() })
  const data = { ...config().data, path: 'ann/digits' }
  const { code, stdout } = await train({ data })
  expect(code).toBe(0)
  expect(stdout).toContain('num_rows: 60')
  const readme = pushed('ann/digits-1')['README.md']
  expect(readme).toContain('datasets:\n- ann/digits\n')
  expect(readme).toContain('No validation metrics available')

  const held = Object.entries(DIGITS).filter(([name]) => /\/002[01]\.png$/.test(name))
  const renamed = held.map(([name, bytes]) => [name.replace('train/', 'validation/'), bytes])
  hub.commit('ann/digits', { files: Object.fromEntries(renamed) })
  const again = await train({ project_name: 'digits-2', data: { ...data, valid_split: 'validation' } })
  expect(again.stdout).toContain('num_rows: 20')
  expect(metricsOf(pushed('ann/digits-2')['README.md'] ?? '').accuracy).toBeGreaterThan(0)
})

describe('A training that fails', () => {
  const failure =
    /^ERROR {4}\| .* - train has failed due to an exception: Traceback \(most recent call last\):$/m

  test.each<[string, object, Record<string, string>, RegExp]>([
    ['when the model repository already exists', { project_name: 'taken' }, {}, /HfHubHTTPError: 409/],
    ['when the base model is not on the Hub', { base_model: 'no/model' }, {}, /OSError: no\/model/],
    ['when the token is bad', {}, { HF_TOKEN: 'hf_wrong' }, /401/],
    ['when the token may not write', {}, { HF_TOKEN: 'hf_read' }, /HfHubHTTPError: 403/],
    ['when there is no token', {}, { HF_TOKEN: '' }, /LocalTokenNotFoundError/],
    [
      'when the split has another name',
      { data: { ...config().data, train_split: 'pictures' } },
      {},
      /KeyError: 'pictures'/,
    ],
    [
      'when the dataset does not exist',
      { data: { ...config().data, path: 'ann/none' } },
      {},
      /DatasetNotFoundError/,
    ],
  ])('AutoTrain fails but exits with 0 %s.', async (_, change, env, reason) => {
    hub.createModel({ name: 'ann/taken' })
    hub.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
    write(few())
    write(
      Object.fromEntries(
        Object.entries(few()).map(([name, bytes]) => [name.replace('train', 'pictures'), bytes]),
      ),
    )
    const before = hub.repository('ann/taken', 'model').commits.size
    const { code, stdout } = await train(change, env)
    expect(code).toBe(0)
    expect(stdout).toMatch(failure)
    expect(stdout).toMatch(reason)
    expect(stdout).not.toContain('Finished training')
    expect(stdout).toMatch(/ - Job ID: \d+\n$/)
    expect(hub.repository('ann/taken', 'model').commits.size).toBe(before)
  })

  test('AutoTrain fails but exits with 0 when an image cannot be read.', async () => {
    write({ ...few(), 'train/3/0000.png': Uint8Array.of(1, 2, 3) })
    const { code, stdout } = await train()
    expect(code).toBe(0)
    expect(stdout).toMatch(/UnidentifiedImageError/)
  })
})

describe('An invalid configuration', () => {
  const without = (key: string) =>
    Object.fromEntries(Object.entries(config()).filter(([name]) => name !== key))
  const data = (change: object) => ({ ...config(), data: { ...config().data, ...change } })
  const withoutData = (key: string) => ({
    ...config(),
    data: Object.fromEntries(Object.entries(config().data).filter(([name]) => name !== key)),
  })

  test.each<[string, object, RegExp]>([
    ...['base_model', 'project_name', 'data', 'log'].map((key): [string, object, RegExp] => [
      `without ${key}`,
      without(key),
      new RegExp(`^KeyError: '${key}'$`, 'm'),
    ]),
    ...['path', 'train_split', 'valid_split', 'column_mapping'].map((key): [string, object, RegExp] => [
      `without data.${key}`,
      withoutData(key),
      new RegExp(`^KeyError: '${key}'$`, 'm'),
    ]),
    ['without a task', without('task'), /^ValueError/m],
    ['without a backend', without('backend'), /^ValueError/m],
    ['with an unknown task', { ...config(), task: 'image_guessing' }, /^ValueError/m],
    ['with a hub without token', { ...config(), hub: { username: 'ann' } }, /^KeyError: 'token'$/m],
    ['with an underscore in the name', { ...config(), project_name: 'digits_1' }, /^ValueError/m],
    ['with a name of 51 characters', { ...config(), project_name: 'x'.repeat(51) }, /^ValueError/m],
    ['with epochs in words', { ...config(), params: { epochs: 'three' } }, /ValidationError/],
    ['with half an epoch', { ...config(), params: { epochs: 0.5 } }, /ValidationError/],
    [
      'with a validation folder that does not exist',
      data({ valid_split: 'valid' }),
      /^ValueError: data\/valid/m,
    ],
  ])('AutoTrain exits with 1 for a configuration %s.', async (_, body, reason) => {
    write(few())
    writeFileSync(join(folder, 'config.yml'), stringify(body))
    const { code, stderr } = await autotrain(['--config', 'config.yml'])
    expect(stderr).toMatch(/^Traceback \(most recent call last\):$/m)
    expect(stderr).toMatch(reason)
    expect(code).toBe(1)
  })

  test.each<[string, Record<string, string | Uint8Array>]>([
    ['with one class', Object.fromEntries(Object.entries(few()).filter(([name]) => name.includes('/1/')))],
    [
      'with four images of a class',
      Object.fromEntries(Object.entries(few()).filter(([name]) => !/\/5\/000[45]/.test(name))),
    ],
    ['with another file beside the images', { ...few(), 'train/1/notes.txt': 'x' }],
    ['with folders in a class', { ...few(), 'train/1/more/a.png': 'x' }],
  ])('AutoTrain exits with 1 for a folder %s.', async (_, files) => {
    write(files)
    const { code, stderr } = await train()
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^ValueError: data\/train/m)])
  })

  test('AutoTrain exits with 1 without arguments or for a configuration file that does not exist.', async () => {
    expect((await autotrain(['--config', 'none.yml'])).code).toBe(1)
    expect((await autotrain([])).code).toBe(1)
    expect(await autotrain(['--version'])).toMatchObject({ code: 0, stdout: '0.8.37.dev0\n' })
  })
})

test('Environment variables are read only for the username and token of hub, and params replace everything.', async () => {
  write(few())
  const params = {
    epochs: 1,
    data_path: 'data',
    project_name: 'by-params',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: AutoTrain must not resolve it
    target_column: '${NAME}',
    colour: 1,
  }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: AutoTrain resolves it
  const change = { params, hub: { username: '${NAME}', token: '${HF_TOKEN}', push_to_hub: true } }
  const { code, stdout } = await train(change, { NAME: 'ann' })
  expect(code).toBe(0)
  expect(Object.keys(pushed('ann/by-params'))).toContain('model.safetensors')
  expect(stdout).toMatch(/^WARNING .* Parameters supplied but not used: colour$/m)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it was given
  expect(stdout).toContain("'target_column': '${NAME}'")
})
