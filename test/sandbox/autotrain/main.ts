import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isImageClassification, readConfig } from './config.ts'
import { isFolder, packFolders } from './data/local-folder.ts'
import { resolvePath } from './data/paths.ts'
import { info } from './logger.ts'
import type { Params } from './params.ts'
import { describe, makeParams } from './params.ts'
import { PyError, repr, traceback } from './python.ts'
import { drawPacking, tracebackOfLaunch, warnOfDefaults } from './warnings.ts'

const VERSION = '0.8.37.dev0'
const USAGE = 'usage: autotrain <command> [<args>]'

/** Class folders below the split's folder are packed; anything else is taken for a dataset on the Hub. */
function prepareData(params: Params): void {
  const path = resolvePath(params.data_path)
  const train = join(path, params.train_split)
  if (!isFolder(train)) return
  const target = `${params.project_name}/autotrain-data`
  const valid = params.valid_split === null ? null : join(path, params.valid_split)
  drawPacking(packFolders({ train, valid, target }))
  Object.assign(params, {
    data_path: target,
    valid_split: 'validation',
    image_column: 'autotrain_image',
    target_column: 'autotrain_label',
  })
}

/** Starts the trainer and waits for it. How it ended is not looked at. */
async function launch(params: Params): Promise<number | undefined> {
  info('autotrain.backends.local:create:20')('Starting local training...')
  mkdirSync(params.project_name, { recursive: true })
  const file = join(params.project_name, 'training_params.json')
  // The token is in it, in clear, as long as the training runs.
  writeFileSync(file, JSON.stringify(params, null, 4))
  const command = ['-m', 'autotrain.trainers.image_classification', '--training_config', file]
  info('autotrain.commands:launch_command:514')(repr(['accelerate', 'launch', '--cpu', ...command]))
  info('autotrain.commands:launch_command:515')(describe(params))
  warnOfDefaults()
  const trainer = fileURLToPath(new URL('./model/train.ts', import.meta.url))
  const child = spawn(process.execPath, [trainer, '--training_config', file], { stdio: 'inherit' })
  const [code, signal] = await once(child, 'exit')
  // The trainer itself catches what goes wrong, so that this is for one that was killed.
  if (code !== 0) {
    tracebackOfLaunch({ command: repr(['/app/env/bin/python', ...command]), end: { code, signal } })
  }
  return child.pid
}

async function runConfig(path: string): Promise<void> {
  info('autotrain.cli.autotrain:main:58')(`Using AutoTrain configuration: ${path}`)
  const { task, backend, params: given } = await readConfig(path, process.env)
  if (!isImageClassification(task)) {
    throw new PyError('NotImplementedError', `This stand-in trains image classification only, not ${task}.`)
  }
  if (!/^local(-cli)?$/.test(backend)) {
    throw new PyError('NotImplementedError', `This stand-in knows no backend ${backend}.`)
  }
  const params = makeParams(given)
  info('autotrain.parser:run:224')(describe(params))
  prepareData(params)
  const pid = await launch(params)
  info('autotrain.parser:run:229')(`Job ID: ${pid}`)
}

/**
 * `autotrain`, as far as it is used here: `--config` and `--version`.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/cli/autotrain.py
 *
 * @param args the command line after the program's name
 * @returns the exit code: 0 whatever came of a training that could be started at all
 */
export async function main(args: readonly string[]): Promise<number> {
  let values: { version?: boolean | undefined; config?: string | undefined }
  try {
    const options = { version: { type: 'boolean', short: 'v' }, config: { type: 'string' } } as const
    values = parseArgs({ args: [...args], options, strict: true }).values
  } catch (error) {
    process.stderr.write(`${USAGE}\nautotrain: error: ${(error as Error).message}\n`)
    return 2
  }
  if (values.version) {
    process.stdout.write(`${VERSION}\n`)
    return 0
  }
  if (values.config === undefined) {
    process.stdout.write(`${USAGE}\n`)
    return 1
  }
  try {
    await runConfig(values.config)
    return 0
  } catch (error) {
    const frames = ['autotrain/cli/autotrain.py:main', 'autotrain/parser.py:run']
    process.stderr.write(`${traceback(error, frames)}\n`)
    return 1
  }
}
