import { expect, test } from '@jest/globals'
import { taskNames } from '../../../src/domain/tasks.ts'
import { taskHint } from '../../../src/recipe/hints/task-hint.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'
import { refusalOf } from '../refusal.ts'

const names = { 'input-dataset': 'acme/pets', 'input-model': 'gpt2', 'target-namespace': 'acme' }

test.each([
  ['image_classification', 'image-classification'],
  ['IMAGE-CLASSIFICATION', 'image-classification'],
  ['Image Classification', 'image-classification'],
  ['image-clasification', 'image-classification'],
  ['image_multi_class_classification', 'image-classification'],
  ['object_detection', 'image-object-detection'],
  ['llm:orpo', 'llm-orpo'],
  ['llm_sft', 'llm-sft'],
  ['dpo', 'llm-dpo'],
  ['extractive-qa', 'extractive-question-answering'],
  ['extractive_question_answering', 'extractive-question-answering'],
  ['question-answering', 'extractive-question-answering'],
  ['st:pair', 'sentence-transformers:pair'],
  ['st:pair_class', 'sentence-transformers:pair_class'],
  ['sentence_transformers:triplet', 'sentence-transformers:triplet'],
  ['tabular:regression', 'tabular-regression'],
  ['tabular_binary_classification', 'tabular-classification'],
  ['text_token_classification', 'token-classification'],
  ['ner', 'token-classification'],
  ['summarization', 'seq2seq'],
  ['seq-2-seq', 'seq2seq'],
  ['vqa', 'vlm:vqa'],
  ['llm', 'one of llm-sft, llm-generic, llm-reward, llm-dpo, llm-orpo'],
  ['tabular', 'one of tabular-classification, tabular-regression'],
  ['vlm', 'one of vlm:captioning, vlm:vqa'],
])('The task %s is refused, and the right name is %s.', (task, right) => {
  expect(refusalOf(() => resolveRecipes({ file: null, inputs: { ...names, task } }))).toBe(
    `task: "${task}" is no task here: did you mean ${right}?`,
  )
})

test.each(['speech-recognition', 'autotrain', 'x', '18', '__proto__', 'constructor', ''])(
  'A name that resembles no task has no hint: %j.',
  (task) => {
    expect(taskHint(task)).toBeNull()
  },
)

test('Every task is found by its name in another case and with other separators.', () => {
  for (const task of taskNames) {
    const other = task.toUpperCase().replaceAll(/[-:]/g, '_')
    expect(taskHint(other)).toBe(`"${other}" is no task here: did you mean ${task}?`)
  }
})
