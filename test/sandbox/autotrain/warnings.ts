import { drawBar } from './model/bars.ts'

const PACKAGES = '/app/env/lib/python3.10/site-packages'

const print = (...lines: readonly string[]) => process.stderr.write(`${lines.join('\n')}\n`)

/** Prints what `accelerate launch` says before it starts anything. */
export function warnOfDefaults(): void {
  print(
    'The following values were not passed to `accelerate launch` and had defaults used instead:',
    '\t`--num_processes` was set to a value of `0`',
    '\t`--num_machines` was set to a value of `1`',
    "\t`--mixed_precision` was set to a value of `'no'`",
    "\t`--dynamo_backend` was set to a value of `'no'`",
    'To avoid this warning pass in values for each of the problematic parameters or run `accelerate config`.',
  )
}

/** Prints that albumentations has a newer version, which it asks PyPI for unless the environment forbids it. */
export function warnOfUpdate(env: NodeJS.ProcessEnv): void {
  if (['1', 'true'].includes((env.NO_ALBUMENTATIONS_UPDATE ?? '').toLowerCase())) return
  print(
    `${PACKAGES}/albumentations/__init__.py:24: UserWarning: A new version of Albumentations is available: 2.0.8 (you have 1.4.23). Upgrade using: pip install -U albumentations. To disable automatic update checks, set the environment variable NO_ALBUMENTATIONS_UPDATE to 1.`,
    '  check_for_updates()',
  )
}

/**
 * Prints what loading a base model says whose head has another number of classes.
 *
 * @param options the base model, and the classes of the dataset
 */
export function warnOfNewHead(options: { model: string; classes: number }): void {
  const { model, classes } = options
  print(
    `Some weights of ViTForImageClassification were not initialized from the model checkpoint at ${model} and are newly initialized because the shapes did not match:`,
    `- classifier.bias: found shape torch.Size([2]) in the checkpoint and torch.Size([${classes}]) in the model instantiated`,
    `- classifier.weight: found shape torch.Size([2, 32]) in the checkpoint and torch.Size([${classes}, 32]) in the model instantiated`,
    'You should probably TRAIN this model on a down-stream task to be able to use it for predictions and inference.',
    "Using a slow image processor as `use_fast` is unset and a slow processor was saved with this model. `use_fast=True` will be the default behavior in v4.48, even if the model was saved with a slow processor. This will result in minor differences in outputs. You'll still be able to use a slow processor with `use_fast=False`.",
  )
}

/** Prints, once for each average, that a class was never guessed. */
export function warnOfUndefined(): void {
  for (let average = 0; average < 2; average += 1) {
    print(
      `${PACKAGES}/sklearn/metrics/_classification.py:1565: UndefinedMetricWarning: Precision is ill-defined and being set to 0.0 in labels with no predicted samples. Use \`zero_division\` parameter to control this behavior.`,
      '  _warn_prf(average, modifier, f"{metric.capitalize()} is", len(result))',
    )
  }
}

/**
 * Draws the bars that show while class folders are packed.
 *
 * @param rows how many pictures each split got
 */
export function drawPacking(rows: { train: number; validation: number }): void {
  const line = (text: string) => process.stderr.write(`\r${text}`)
  const whole = (label: string, total: number, unit: string, times = 1) => {
    line(drawBar({ label: label.replace('(1/', '(0/'), done: 0, total, seconds: 0, unit }))
    for (let time = 0; time < times; time += 1)
      line(drawBar({ label, done: total, total, seconds: 0.005, unit }))
    process.stderr.write('\n')
  }
  whole('Downloading data', rows.train, 'files')
  for (const [split, count] of Object.entries(rows)) {
    line(`Generating ${split} split: 0 examples [00:00, ? examples/s]`)
    line(`Generating ${split} split: ${count} examples [00:00, ${(count * 80).toFixed(2)} examples/s]`)
    process.stderr.write('\n')
  }
  for (const count of Object.values(rows)) whole('Saving the dataset (1/1 shards)', count, ' examples', 2)
}

/**
 * Prints how `accelerate launch` ends when its trainer did not end by itself, or not well.
 *
 * @param options the trainer's command, and how it ended
 */
export function tracebackOfLaunch(options: {
  command: string
  end: { code: number | null; signal: NodeJS.Signals | null }
}): void {
  const { command, end } = options
  const how =
    end.signal === null
      ? `returned non-zero exit status ${end.code}.`
      : `died with <Signals.${end.signal}: ${{ SIGKILL: 9, SIGTERM: 15, SIGINT: 2 }[String(end.signal)] ?? 9}>.`
  print(
    'Traceback (most recent call last):',
    '  File "/app/env/bin/accelerate", line 10, in <module>',
    '    sys.exit(main())',
    '             ^^^^^^',
    `  File "${PACKAGES}/accelerate/commands/accelerate_cli.py", line 48, in main`,
    '    args.func(args)',
    `  File "${PACKAGES}/accelerate/commands/launch.py", line 1168, in launch_command`,
    '    simple_launcher(args)',
    `  File "${PACKAGES}/accelerate/commands/launch.py", line 763, in simple_launcher`,
    '    raise subprocess.CalledProcessError(returncode=process.returncode, cmd=cmd)',
    `subprocess.CalledProcessError: Command '${command}' ${how}`,
  )
}
