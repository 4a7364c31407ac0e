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
 * The files that AutoTrain writes last, in groups of which one file each must be there. AutoTrain makes the model's
 * repository before it trains and ends with exit code 0 also when training failed: these files alone tell a
 * success.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/common.py
 */
function finalFiles(task: Task): readonly (readonly string[])[] {
  return tableKind(task) === null ? [card, config, weights] : [card, table]
}

/**
 * What is missing of the final files.
 *
 * @param files the names of those that are there
 * @returns the first name of each group of which none is there
 */
export function missingFiles(task: Task, files: ReadonlySet<string>): string[] {
  return finalFiles(task).flatMap((group) => (group.some((name) => files.has(name)) ? [] : (group[0] ?? [])))
}

/**
 * The script that trains in AutoTrain's container and fails where AutoTrain only pretends not to. In AutoTrain's
 * image the program is in a conda environment that is not on the `PATH` of a Job.
 * https://github.com/huggingface/autotrain-advanced/blob/main/Dockerfile
 *
 * @returns for `sh -c`; all values come from the environment
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
