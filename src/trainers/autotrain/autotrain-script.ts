import type { Task } from '../../domain/tasks.ts'
import { finalFiles } from './final-files.ts'

/** How often the script tries to push a model that AutoTrain did not push. */
const maxPushes = 3

/** The wait after the first failed push, in seconds; the second one is twice as long. */
const firstWaitSeconds = 30

/**
 * What is never pushed: the file that has the token in clear while AutoTrain trains, the copy of the data, and the
 * checkpoints, which are three times as large as the model.
 */
const unpushed = ['training_params.json', 'autotrain-data/*', 'checkpoint-*/*']

/**
 * Writes the script that trains in AutoTrain's container. It fails when AutoTrain hides a failure behind exit code 0,
 * and pushes a complete model that AutoTrain failed to push, or did not push because it was killed. In AutoTrain's image
 * the programs are in a conda environment that is not on the `PATH` of a Job.
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
    'status=0',
    'autotrain --config auto-retrain.yml || status=$?',
    'missing=""',
    ...checks,
    'if [ -n "$missing" ]; then',
    '  [ "$status" -eq 0 ] || exit "$status"',
    '  echo "auto-retrain: AutoTrain ended without$missing: the training failed, see above." >&2',
    '  exit 1',
    'fi',
    ...pushLines(),
    '',
  ].join('\n')
}

/**
 * The model is complete on the disk. AutoTrain pushes it in one commit, so that the card on the Hub shows whether the
 * push went well: it has the numbers of this training. A push of what is there already makes no commit.
 */
function pushLines(): string[] {
  const excluded = unpushed.map((pattern) => `"${pattern}"`).join(' ')
  return [
    // Version 1 of the client has only `hf`. Without either, the Hub alone shows whether the model is there.
    'client=huggingface-cli',
    'command -v "$client" > /dev/null || client=hf',
    'command -v "$client" > /dev/null || exit "$status"',
    'is_pushed() {',
    '  pushed=$(mktemp -d)',
    '  "$client" download "$AUTO_RETRAIN_MODEL" README.md --local-dir "$pushed" --quiet > /dev/null 2>&1 || return 1',
    '  cmp -s "$pushed/README.md" "$AUTO_RETRAIN_PROJECT/README.md"',
    '}',
    'push() {',
    `  echo "auto-retrain: pushing the model to $AUTO_RETRAIN_MODEL, try $try of ${maxPushes}."`,
    // The image turns on hf_transfer, which repeats no request that failed.
    '  HF_HUB_ENABLE_HF_TRANSFER=0 "$client" upload "$AUTO_RETRAIN_MODEL" "$AUTO_RETRAIN_PROJECT" . --private --quiet ' +
      `--exclude ${excluded}`,
    '}',
    'is_pushed && exit 0',
    'try=1',
    'until push; do',
    `  if [ "$try" -eq ${maxPushes} ]; then`,
    '    echo "auto-retrain: the push failed: the model is trained, but it could not be pushed to the Hub, see above." >&2',
    '    exit 1',
    '  fi',
    `  sleep $((try * ${firstWaitSeconds}))`,
    '  try=$((try + 1))',
    'done',
  ]
}
