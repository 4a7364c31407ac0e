import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { csv, shards } from '../../trainers/autotrain/content/content-cases.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { jobsOf } from '../stage/trainings.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ runner: { machines: 4 } })
  stage.hub.createBaseModel('google-bert/bert-base-cased', {
    model_type: 'bert',
    architectures: ['BertForMaskedLM'],
  })
})
afterAll(() => stage.close())

const texts = {
  trainer: 'autotrain',
  discussion: 'off',
  task: 'text-classification',
  'input-model': 'google-bert/bert-base-cased',
  'column-mapping': '{"text_column": "text", "target_column": "label"}',
}

describe('A dry run looks into the data:', () => {
  test.concurrent.each([
    [
      'A class with one row',
      { 'train.csv': `${csv(20)}x,c\n` },
      /the class "c" of the column label of train\.csv has one row/,
    ],
    ['Parquet with labels as text', shards('text-labels'), /holds text, not classes \(ClassLabel\)/],
    [
      'A missing column',
      { 'train.csv': csv(20, 'ab', 'txt,label') },
      /set column-mapping: \{"text_column":"txt","target_column":"label"\}/,
    ],
  ])(
    '%s is refused with the sentence that says what to do, and nothing starts.',
    async (_title, files, sentence) => {
      const subject = stage.case({ files: Object.fromEntries(Object.entries(files)) })
      const run = await subject.manual({ ...texts, 'dry-run': 'true' })
      expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
      expect(run.errors).toEqual([expect.stringMatching(sentence)])
      expect(jobsOf(stage, subject)).toEqual([])
      expect(claims(stage, subject.name)).toEqual([])
    },
  )

  test.concurrent.each([
    ['A table whose classes have enough rows', { 'train.csv': csv(20) }],
    ['Parquet with classes', shards('classes')],
  ])('%s is planned.', async (_title, files) => {
    const subject = stage.case({ files: Object.fromEntries(Object.entries(files)) })
    const run = await subject.manual({ ...texts, 'dry-run': 'true' })
    expect(run).toMatchObject({ verdict: 'planned', exitCode: 0, errors: [] })
    expect(jobsOf(stage, subject)).toEqual([])
  })
})
