/** A role of `column-mapping`. */
export interface ColumnRole {
  /** AutoTrain's name. */
  readonly name: string
  readonly isRequired: boolean
  /** One column, one or several, or always a list. */
  readonly takes: 'one' | 'several' | 'list'
}

/** The properties of an AutoTrain task. */
interface TaskFacts {
  readonly roles: readonly ColumnRole[]
  /** `task` in the config file of AutoTrain's command line. */
  readonly cliTask: string
  /** The number of the task in the classic API; null when that API does not have it. */
  readonly classicId: number | null
}

const needs = (...names: readonly string[]): ColumnRole[] =>
  names.map((name) => ({ name, isRequired: true, takes: 'one' }))
const mayHave = (...names: readonly string[]): ColumnRole[] =>
  names.map((name) => ({ name, isRequired: false, takes: 'one' }))

const image = needs('image_column', 'target_column')
const text = needs('text_column', 'target_column')
const table: readonly ColumnRole[] = [
  { name: 'target_columns', isRequired: true, takes: 'several' },
  ...mayHave('id_column'),
  { name: 'categorical_columns', isRequired: false, takes: 'list' },
  { name: 'numerical_columns', isRequired: false, takes: 'list' },
]
const preference = needs('text_column', 'rejected_text_column')
const pair = needs('sentence1_column', 'sentence2_column')
const vision = needs('image_column', 'text_column')

/** A task of AutoTrain Advanced, which the classic API does not have. */
const advanced = (cliTask: string, roles: readonly ColumnRole[]): TaskFacts => ({
  roles,
  cliTask,
  classicId: null,
})

/**
 * The AutoTrain tasks by name. The names are those of its command line, which calls both tabular tasks `tabular`.
 * https://huggingface.co/docs/autotrain/col_map
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/parser.py
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/tasks.py
 */
const tasks = {
  'image-classification': { roles: image, cliTask: 'image-classification', classicId: 18 },
  'image-regression': advanced('image-regression', image),
  'image-object-detection': advanced('image-object-detection', needs('image_column', 'objects_column')),
  'text-classification': { roles: text, cliTask: 'text-classification', classicId: 2 },
  'text-regression': { roles: text, cliTask: 'text-regression', classicId: 10 },
  'token-classification': {
    roles: needs('tokens_column', 'tags_column'),
    cliTask: 'token-classification',
    classicId: 4,
  },
  'extractive-question-answering': {
    roles: needs('text_column', 'question_column', 'answer_column'),
    cliTask: 'extractive-qa',
    classicId: 5,
  },
  seq2seq: advanced('seq2seq', text),
  'tabular-classification': { roles: table, cliTask: 'tabular', classicId: 14 },
  'tabular-regression': { roles: table, cliTask: 'tabular', classicId: 16 },
  'llm-sft': advanced('llm-sft', needs('text_column')),
  'llm-generic': advanced('llm-generic', needs('text_column')),
  'llm-reward': advanced('llm-reward', preference),
  'llm-dpo': advanced('llm-dpo', [...preference, ...needs('prompt_text_column')]),
  'llm-orpo': advanced('llm-orpo', [...preference, ...needs('prompt_text_column')]),
  'sentence-transformers:pair': advanced('sentence-transformers:pair', pair),
  'sentence-transformers:qa': advanced('sentence-transformers:qa', pair),
  'sentence-transformers:pair_class': advanced('sentence-transformers:pair_class', [
    ...pair,
    ...needs('target_column'),
  ]),
  'sentence-transformers:pair_score': advanced('sentence-transformers:pair_score', [
    ...pair,
    ...needs('target_column'),
  ]),
  'sentence-transformers:triplet': advanced('sentence-transformers:triplet', [
    ...pair,
    ...needs('sentence3_column'),
  ]),
  'vlm:captioning': advanced('vlm:captioning', [...vision, ...mayHave('prompt_text_column')]),
  'vlm:vqa': advanced('vlm:vqa', [...vision, ...needs('prompt_text_column')]),
} satisfies Record<string, TaskFacts>

/** The name of an AutoTrain task. */
export type Task = keyof typeof tasks

/** All tasks that a recipe may name. */
export const taskNames = Object.keys(tasks) as Task[]

const factsOf = (task: Task): TaskFacts => tasks[task]

/** The roles that `column-mapping` may have for a task, those that it must have first. */
export function columnRoles(task: Task): readonly ColumnRole[] {
  return factsOf(task).roles
}

/** The number of a task in the classic AutoTrain API; null when that API does not have it. */
export function classicTaskId(task: Task): number | null {
  return factsOf(task).classicId
}

/** The name of a task in the config file of AutoTrain's command line. */
export function cliTask(task: Task): string {
  return factsOf(task).cliTask
}

/** Which kind of tabular task it is, for AutoTrain's parameter; null when it is not tabular. */
export function tableKind(task: Task): 'classification' | 'regression' | null {
  if (factsOf(task).cliTask !== 'tabular') return null
  return task === 'tabular-regression' ? 'regression' : 'classification'
}

/** Whether the task trains a language model; AutoTrain's config then needs `chat_template`. */
export function isLanguageModel(task: Task): boolean {
  return factsOf(task).cliTask.startsWith('llm-')
}

/** Whether the labels of the task must be classes of a fixed set, which AutoTrain reads from the type of the column. */
export function isClassTask(task: Task): boolean {
  return classTasks.includes(task)
}

const classTasks: readonly Task[] = [
  'image-classification',
  'text-classification',
  'token-classification',
  'sentence-transformers:pair_class',
]
