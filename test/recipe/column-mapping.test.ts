import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { columnRoles, type Task, taskNames } from '../../src/domain/tasks.ts'
import { exampleMapping } from '../../src/recipe/column-mapping.ts'
import { recipeHashes } from '../../src/recipe/recipe-hashes.ts'
import { resolveRecipes } from '../../src/recipe/resolve.ts'
import { refusalOf } from './refusal.ts'

const names = { input_dataset: 'acme/pets', input_model: 'gpt2', target_namespace: 'acme' }

function fromFile(task: Task, mapping: unknown) {
  const text = JSON.stringify({ ...names, task, column_mapping: mapping })
  const [recipe] = resolveRecipes({ file: { path: 'a.json', text }, inputs: {} })
  if (recipe === undefined) throw new Error('There is no recipe.')
  return recipe
}

const columnsOf = (task: Task, mapping: unknown) => fromFile(task, mapping).columnMapping
const refusal = (task: Task, mapping: unknown) => refusalOf(() => fromFile(task, mapping))

describe('The columns are those that AutoTrain has:', () => {
  test('a table has one target whose name has a comma, and no id.', () => {
    const mapping = { id_column: null, target_columns: ['response, coronary heart disease'] }
    expect(columnsOf('tabular-classification', mapping)).toEqual({
      target_columns: ['response, coronary heart disease'],
    })
  })

  test('a target that is no list is one column too, commas and all.', () => {
    expect(columnsOf('tabular-regression', { target_columns: 'a, b' })).toEqual({ target_columns: 'a, b' })
  })

  test('a table may name its columns of words and of numbers.', () => {
    const mapping = {
      target_columns: ['a', 'b'],
      id_column: 'no',
      categorical_columns: ['c'],
      numerical_columns: ['d'],
    }
    expect(columnsOf('tabular-classification', mapping)).toEqual(mapping)
  })

  test.each<[Task, object, object]>([
    [
      'llm-sft',
      { text_column: 'text', rejected_text_column: null, prompt_text_column: null },
      { text_column: 'text' },
    ],
    [
      'sentence-transformers:pair',
      { sentence1_column: 'a', sentence2_column: 'b', sentence3_column: null, target_column: null },
      { sentence1_column: 'a', sentence2_column: 'b' },
    ],
    [
      'vlm:captioning',
      { image_column: 'image', text_column: 'text', prompt_text_column: null },
      { image_column: 'image', text_column: 'text' },
    ],
  ])('null is absent for %s.', (task, mapping, expected) => {
    expect(columnsOf(task, mapping)).toEqual(expected)
  })

  test.each([{}, { image_column: null }])('class folders need none: %j.', (mapping) => {
    expect(columnsOf('image-classification', mapping)).toEqual({
      image_column: 'image',
      target_column: 'label',
    })
  })

  test('an input is read as the file is.', () => {
    const inputs = {
      'input-dataset': 'acme/pets',
      'input-model': 'ridge',
      'target-namespace': 'acme',
      task: 'tabular-classification',
      'column-mapping': 'id_column: null\ntarget_columns: ["a, b"]\n',
    }
    expect(resolveRecipes({ file: null, inputs })[0]?.columnMapping).toEqual({ target_columns: ['a, b'] })
  })

  test.each([
    ['tabular-list.json', { target_columns: ['response, coronary heart disease'] }],
    ['null-columns.json', { text_column: 'text' }],
  ])('The public file %s is read as AutoTrain reads it.', (name, expected) => {
    const text = readFileSync(`test/recipe/public-files/${name}`, 'utf8')
    expect(resolveRecipes({ file: { path: name, text }, inputs: {} })).toMatchObject([
      { columnMapping: expected },
    ])
  })
})

describe('What is wrong is refused with the roles of the task and an example for it:', () => {
  test.each(taskNames)('for %s.', (task) => {
    const required = columnRoles(task).filter(({ isRequired }) => isRequired)
    const sentence = refusal(task, { picture_column: 'x' })
    for (const { name } of required) expect(sentence).toContain(name)
    expect(sentence).toContain(`such as ${exampleMapping(task)}`)
    // The example is right.
    expect(columnsOf(task, JSON.parse(exampleMapping(task)))).toEqual(JSON.parse(exampleMapping(task)))
  })

  test.each<[string, Task, unknown, string]>([
    [
      'the mapping for images',
      'text-classification',
      { image_column: 'image', target_column: 'label' },
      'a.json: column_mapping: "image_column" is no role here: the ' +
        'task text-classification needs text_column, target_column, such as {"text_column": "text", "target_column": "label"}.',
    ],
    [
      'no target of a table',
      'tabular-classification',
      { id_column: 'id' },
      'a.json: column_mapping lacks target_columns: the task tabular-classification needs target_columns, and may have ' +
        'id_column, categorical_columns, numerical_columns, such as {"target_columns": ["label"]}.',
    ],
    [
      'a required role that is null',
      'llm-dpo',
      { text_column: 'text', rejected_text_column: 'rejected', prompt_text_column: null },
      'a.json: column_mapping lacks prompt_text_column: the task llm-dpo needs text_column, rejected_text_column, ' +
        'prompt_text_column, such as {"text_column": "text", "rejected_text_column": "rejected", "prompt_text_column": "prompt"}.',
    ],
    [
      'text in place of a map',
      'llm-sft',
      'text',
      'a.json: column_mapping must be a map from roles to columns: the task llm-sft needs text_column, such as ' +
        '{"text_column": "text"}.',
    ],
    [
      'a list for one column',
      'llm-sft',
      { text_column: ['a', 'b'] },
      'a.json: column_mapping: text_column takes one column, not a list.',
    ],
    [
      'a number for a column',
      'llm-sft',
      { text_column: 5 },
      'a.json: column_mapping: text_column must be the name of a column.',
    ],
    [
      'no name in a list',
      'tabular-classification',
      { target_columns: [] },
      'a.json: column_mapping: target_columns must be a list of columns, such as ["label"].',
    ],
    [
      'text for a list of columns',
      'tabular-classification',
      { target_columns: ['a'], numerical_columns: 'b' },
      'a.json: column_mapping: numerical_columns must be a list of columns, such as ["label"].',
    ],
    [
      'a column that is named twice',
      'tabular-classification',
      { target_columns: ['a', 'a'] },
      'a.json: column_mapping: target_columns names a column twice.',
    ],
  ])('%s.', (_title, task, mapping, sentence) => {
    expect(refusal(task, mapping)).toBe(sentence)
  })

  test.each(['5', '[]', '{', 'a: b: c'])('the input %j, which is no map.', (mapping) => {
    const inputs = {
      'input-dataset': 'a/b',
      'input-model': 'c',
      'target-namespace': 'd',
      'column-mapping': mapping,
    }
    expect(refusalOf(() => resolveRecipes({ file: null, inputs }))).toMatch(
      /^column-mapping must be a map from roles to columns: the task image-classification needs image_column, target_column/,
    )
  })
})

describe('A word for none is never a column', () => {
  test.each(['none', 'None', 'null', 'NaN', '~', '-', '–', '—', ' none '])('%j is refused.', (word) => {
    expect(refusal('tabular-classification', { id_column: word, target_columns: ['a'] })).toBe(
      `a.json: column_mapping: id_column is ${JSON.stringify(word.trim())}, which is not taken as a name: leave it out, ` +
        `or write [${JSON.stringify(word.trim())}] for a column of that name.`,
    )
  })

  test('unless a list says that it is one.', () => {
    const mapping = { id_column: ['none'], target_columns: ['null'] }
    expect(columnsOf('tabular-classification', mapping)).toEqual({
      id_column: 'none',
      target_columns: ['null'],
    })
  })
})

test('A recipe whose columns are as they were has the hashes that it had.', () => {
  const before = { id_column: 'id', target_columns: 'a, b' }
  const read = fromFile('tabular-classification', before)
  expect(recipeHashes(read)).toEqual(recipeHashes({ ...read, columnMapping: before }))
})
