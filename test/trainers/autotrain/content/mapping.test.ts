import { describe, expect, test } from '@jest/globals'
import type { Task } from '../../../../src/domain/tasks.ts'
import { suggestMapping } from '../../../../src/trainers/autotrain/content/checks/mapping.ts'
import type { ColumnType } from '../../../../src/trainers/autotrain/content/files/table.ts'

const text: ColumnType = { is: 'text' }
const number: ColumnType = { is: 'integer' }
const label: ColumnType = { is: 'class', names: ['a', 'b'] }
const list: ColumnType = { is: 'list', of: text }
const image: ColumnType = { is: 'image' }

const suggest = (task: Task, columns: Readonly<Record<string, ColumnType>>) =>
  suggestMapping({ task, columns: Object.entries(columns).map(([name, type]) => ({ name, type })) })

describe('A mapping is suggested where only one fits the columns:', () => {
  test.each<[string, Task, Record<string, ColumnType>, Record<string, string>]>([
    [
      'by types',
      'text-classification',
      { body: text, verdict: label },
      { text_column: 'body', target_column: 'verdict' },
    ],
    [
      'by names',
      'text-classification',
      { label: text, text },
      { text_column: 'text', target_column: 'label' },
    ],
    [
      'by names in other letters',
      'text-classification',
      { Text: text, Label: text },
      { text_column: 'Text', target_column: 'Label' },
    ],
    [
      'for images',
      'image-classification',
      { picture: image, label },
      { image_column: 'picture', target_column: 'label' },
    ],
    [
      'for tags',
      'token-classification',
      { tokens: list, ner_tags: list, id: text },
      { tokens_column: 'tokens', tags_column: 'ner_tags' },
    ],
    [
      'for a table',
      'tabular-classification',
      { id: number, x: number, target: number },
      { id_column: 'id', target_columns: 'target' },
    ],
    [
      'for a table without an id',
      'tabular-classification',
      { x: number, target: number },
      { target_columns: 'target' },
    ],
    ['for a language model', 'llm-sft', { text, source: number }, { text_column: 'text' }],
    [
      'for pairs',
      'sentence-transformers:pair',
      { anchor: text, positive: text },
      { sentence1_column: 'anchor', sentence2_column: 'positive' },
    ],
  ])('%s.', (_title, task, columns, mapping) => {
    expect(suggest(task, columns)).toEqual(mapping)
  })
})

describe('No mapping is suggested', () => {
  test.each<[string, Task, Record<string, ColumnType>]>([
    ['where two columns may be the text', 'text-classification', { title: text, body: text, label }],
    ['where two columns have a usual name', 'llm-sft', { text, content: text }],
    ['where no column fits a role', 'text-classification', { text, picture: image }],
    [
      'where a table has no column that is called its target',
      'tabular-classification',
      { id: number, x: number, y2: number },
    ],
    ['without columns', 'text-classification', {}],
  ])('%s.', (_title, task, columns) => {
    expect(suggest(task, columns)).toBeNull()
  })
})
