import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../../src/domain/recipe.ts'
import type { Hub } from '../../../src/hub/hub.ts'
import { findDataSource } from '../../../src/trainers/autotrain/dataset-layout.ts'
import { connect } from '../../hub/connect.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { startHub } from '../../sandbox/hub/start.ts'
import { order } from '../order.ts'

const token = 'hf_ann0token0of0the0test'
let sandbox: SandboxHub
let hub: Hub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token })
  hub = connect(sandbox.url, token).hub
})
afterEach(() => sandbox.close())

/** Where AutoTrain reads a dataset from that consists of these files. */
async function sourceOf(files: readonly string[], change: Partial<Recipe> = {}, card?: string) {
  const contents = Object.fromEntries(files.map((path) => [path, 'text,target\na,b\n']))
  const all = { ...contents, ...(card !== undefined && { 'README.md': card }) }
  sandbox.createDataset({ name: 'ann/digits', private: true, files: all })
  const revision = sandbox.repository('ann/digits').refs.get('refs/heads/main') ?? ''
  // What is there now says nothing about the revision.
  const deletions = Object.keys(all)
  sandbox.commit('ann/digits', { deletions, files: { 'moved.txt': 'x' } })
  const asked = order({ task: 'text-classification', ...change }, { revision })
  return findDataSource(hub, asked, new AbortController().signal)
}

const mounted = { isPinned: true, path: '/data' }
const fromHub = (why: RegExp) => ({ isPinned: false, path: 'ann/digits', why: expect.stringMatching(why) })

describe('AutoTrain reads from a folder, mounted at the revision,', () => {
  test.each<[string, string[], Partial<Recipe>]>([
    ['a table named like the split', ['README.md', 'train.csv'], {}],
    ['lines of JSON named like the split', ['train.jsonl'], {}],
    ['two tables for two splits', ['train.csv', 'test.csv'], { validSplit: 'test' }],
    ['a table next to those of other splits', ['train.csv', 'test.csv', 'validation.csv'], {}],
    ['a table next to notes and images', ['train.csv', 'docs/how.md', 'plot.png'], {}],
    ['a table of numbers', ['train.csv'], { task: 'tabular-regression' }],
    ['texts for a language model', ['train.jsonl'], { task: 'llm-sft' }],
    ['Parquet in the folder that push_to_hub makes', ['data/train-00000-of-00001.parquet'], {}],
    ['Parquet of a split and a configuration', ['large/train/0.parquet'], { trainSplit: 'large:train' }],
    ['a table in a folder of its split', ['train/first.csv', 'train/second.csv'], {}],
    ['a table whose name is not that of the split', ['all.csv'], {}],
    ['JSON', ['train.json'], {}],
    ['images in Parquet', ['data/train-00000-of-00001.parquet'], { task: 'image-classification' }],
    ['images in Parquet for another task', ['data/train.parquet'], { task: 'image-object-detection' }],
    ['images and texts in Parquet', ['data/train.parquet'], { task: 'vlm:captioning' }],
  ])('%s.', async (_title, files, change) => {
    expect(await sourceOf(files, change)).toEqual(mounted)
  })

  test('a table whose card has no data settings.', async () => {
    expect(await sourceOf(['train.csv'], {}, '---\nlicense: mit\n---\n# Digits\n')).toEqual(mounted)
  })

  test('Parquet whose card has data settings.', async () => {
    const card = '---\nconfigs:\n- config_name: default\n  data_files: data/*.parquet\n---\n'
    expect(await sourceOf(['data/a.parquet'], {}, card)).toEqual(mounted)
  })
})

const otherTables = /^there are other tables next to train\.(?:csv|jsonl)/

describe('AutoTrain reads from the Hub', () => {
  test.each<[string, string[], Partial<Recipe>, RegExp]>([
    ['a dataset without tables', ['sounds/a.wav'], {}, /^the dataset has no tables/],
    ['a table without that of the validation split', ['train.csv'], { validSplit: 'test' }, /no test\.csv/],
    [
      'tables of two kinds',
      ['train.csv', 'test.jsonl'],
      { validSplit: 'test' },
      /^there is no test\.csv next to train\.csv$/,
    ],
    [
      'a table of a split that is not called train',
      ['all.csv'],
      { trainSplit: 'all' },
      /only for the split train, not all/,
    ],
    [
      'a validation split that it would ignore in a folder',
      ['train.csv', 'test.csv'],
      { validSplit: 'test', task: 'llm-sft' },
      /ignores the validation split/,
    ],
    [
      'Parquet with numbers',
      ['data/train.parquet'],
      { task: 'tabular-classification' },
      /only train\.csv or train\.jsonl/,
    ],
    ['two tables of one split', ['train.csv', 'train_2.csv'], {}, otherTables],
    [
      'a table next to Parquet of the same split',
      ['train.csv', 'data/train-00000-of-00001.parquet'],
      {},
      otherTables,
    ],
    ['lines of JSON next to a folder of their split', ['train.jsonl', 'train/more.jsonl'], {}, otherTables],
    ['a table next to one of another format', ['train.csv', 'test.jsonl'], {}, otherTables],
    ['a table next to a compressed one', ['train.csv', 'training.csv.gz'], {}, otherTables],
    ['a table next to a folder of another split', ['train.csv', 'test/a.csv'], {}, otherTables],
    ['a dataset with a script', ['digits.py', 'data/train.parquet'], {}, /a Python script/],
    ['a dataset that save_to_disk wrote', ['state.json', 'data.parquet'], {}, /save_to_disk/],
    [
      'a folder of images with a table',
      ['train/metadata.jsonl'],
      { task: 'image-regression' },
      /rules that are not checked/,
    ],
    [
      'Parquet in a folder where AutoTrain expects images',
      ['train/0.parquet'],
      { task: 'image-classification' },
      /files next to/,
    ],
  ])('%s.', async (_title, files, change, why) => {
    expect(await sourceOf(files, change)).toEqual(fromHub(why))
  })

  test.each([
    ['names its files', 'configs:\n- config_name: default\n  data_files: train.csv\n'],
    ['names its classes', 'dataset_info:\n  features:\n  - name: text\n    dtype: string\n'],
  ])('a table whose card %s, because AutoTrain ignores the card in a folder.', async (_title, card) => {
    expect(await sourceOf(['train.csv'], {}, `---\n${card}---\n`)).toEqual(fromHub(/the dataset card/))
  })

  test('folders of images of a split that is not called train.', async () => {
    const pictures = ['0', '1'].flatMap((label) => [1, 2, 3, 4, 5].map((n) => `all/${label}/${n}.png`))
    const change = { task: 'image-classification', trainSplit: 'all' } as const
    expect(await sourceOf(pictures, change)).toEqual(fromHub(/only for the split train, not all/))
  })
})
