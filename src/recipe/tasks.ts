/**
 * The AutoTrain tasks, the roles that the dataset's columns must be given for each, and the number that the
 * classic API knew the task by.
 * https://huggingface.co/docs/autotrain/col_map
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/tasks.py
 */
const tasks = {
  'image-classification': { roles: ['image_column', 'target_column'], classicId: 18 },
  'text-classification': { roles: ['text_column', 'target_column'], classicId: 2 },
  'text-regression': { roles: ['text_column', 'target_column'], classicId: 10 },
  'token-classification': { roles: ['tokens_column', 'tags_column'], classicId: 4 },
  'extractive-question-answering': {
    roles: ['text_column', 'question_column', 'answer_column'],
    classicId: 5,
  },
} as const

/** The name of an AutoTrain task. */
export type Task = keyof typeof tasks

/** Every task a recipe may name. */
export const taskNames = Object.keys(tasks) as Task[]

/** The keys that `column-mapping` must have for a task. */
export function columnRoles(task: Task): readonly string[] {
  return tasks[task].roles
}

/** The number of a task in the classic AutoTrain API. */
export function classicTaskId(task: Task): number {
  return tasks[task].classicId
}
