import type { Task } from '../../domain/tasks.ts'
import { tableKind } from '../../domain/tasks.ts'

const card = ['README.md']
const config = ['config.json', 'adapter_config.json']
const weights = [
  'model.safetensors',
  'model.safetensors.index.json',
  'adapter_model.safetensors',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
  'adapter_model.bin',
]
const table = ['model.joblib']

/**
 * The files that AutoTrain writes last, in groups: a complete model has one file of each group. AutoTrain creates the
 * model's repository before it trains and ends with exit code 0 even when the training failed, so only these files
 * prove a success.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/common.py
 *
 * @returns the groups; the first name of each stands for its group in messages
 */
export function finalFiles(task: Task): readonly (readonly string[])[] {
  return tableKind(task) === null ? [card, config, weights] : [card, table]
}

/**
 * Returns the final files that a model lacks.
 *
 * @param files the names of the model's files
 * @returns the first name of each group that has no file in the model
 */
export function missingFiles(task: Task, files: ReadonlySet<string>): string[] {
  return finalFiles(task).flatMap((group) => (group.some((name) => files.has(name)) ? [] : (group[0] ?? [])))
}
