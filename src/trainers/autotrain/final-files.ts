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
 */
function finalFiles(task: Task): readonly (readonly string[])[] {
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

/**
 * Writes the script that trains in AutoTrain's container, and that fails when AutoTrain hides a failure behind exit
 * code 0. In AutoTrain's image the program is in a conda environment that is not on the `PATH` of a Job.
 * https://github.com/huggingface/autotrain-advanced/blob/main/Dockerfile
 *
 * @returns the script for `sh -c`; all values come from the environment
 */
export function autotrainScript(task: Task): string {
  const checks = finalFiles(task).map((group) => {
    const tests = group.map((name) => `[ -f "$AUTO_RETRAIN_PROJECT/${name}" ]`).join(' || ')
    return `${tests} || missing="$missing ${group[0]}"`
  })
  return [
    'set -eu',
    'export PATH="/app/env/bin:$PATH"',
    '[ -w . ] || cd "$(mktemp -d)"',
    `printf '%s\\n' "$AUTO_RETRAIN_CONFIG" > auto-retrain.yml`,
    'autotrain --config auto-retrain.yml',
    'missing=""',
    ...checks,
    'if [ -n "$missing" ]; then',
    '  echo "auto-retrain: AutoTrain ended without$missing: the training failed, see above." >&2',
    '  exit 1',
    'fi',
    '',
  ].join('\n')
}
