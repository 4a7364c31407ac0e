import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { autotrainScript } from '../../../src/trainers/autotrain/autotrain-script.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autotrain-script-'))
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'work'))
  mkdirSync(join(folder, 'hub'))
  program('sleep', 'echo "$1" >> "$ROOT/sleeps"')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Makes a program that stands in for one of the image. */
function program(name: string, body: string): void {
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh\nset -eu\n${body}\n`)
  chmodSync(path, 0o755)
}

const trains =
  'mkdir -p digits-1; cd digits-1; echo card > README.md; echo c > config.json; echo w > model.safetensors'
const pushesItself = `${trains}; cp * "$ROOT/hub"`

/** The client: it downloads what the Hub has, and an upload fails as often as it is told to. */
function client({ failures = 0, name = 'huggingface-cli' } = {}): void {
  program(
    name,
    [
      'printf "%s\\n" "$*" >> "$ROOT/calls"',
      'if [ "$1" = download ]; then cp "$ROOT/hub/$3" "$5/"; exit; fi',
      'echo x >> "$ROOT/uploads"',
      `if [ "$(wc -l < "$ROOT/uploads")" -le ${failures} ]; then`,
      '  echo "huggingface_hub.errors.HfHubHTTPError: 500 Server Error" >&2; exit 1',
      'fi',
      'cp "$3"/* "$ROOT/hub"',
    ].join('\n'),
  )
}

function run(shell = 'sh') {
  const { status, stdout, stderr } = spawnSync(shell, ['-c', autotrainScript('image-classification')], {
    cwd: join(folder, 'work'),
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
      TMPDIR: folder,
      ROOT: folder,
      AUTO_RETRAIN_CONFIG: 'task: image-classification',
      AUTO_RETRAIN_PROJECT: 'digits-1',
      AUTO_RETRAIN_MODEL: 'ann/digits-1',
      HF_TOKEN: 'hf_secret0of0the0test',
    },
  })
  return { status, output: stdout + stderr }
}

const linesOf = (name: string) =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim().split('\n') : []
const uploads = () => linesOf('calls').filter((call) => call.startsWith('upload'))

test('A model that AutoTrain pushed is not pushed again', () => {
  program('autotrain', pushesItself)
  client()
  expect(run().status).toBe(0)
  expect(uploads()).toEqual([])
  expect(linesOf('sleeps')).toEqual([])
})

test.each(['sh', 'bash'])('A model that AutoTrain could not push is pushed, in %s', (shell) => {
  program('autotrain', trains)
  client()
  expect(run(shell).status).toBe(0)
  expect(uploads()).toEqual([
    'upload ann/digits-1 digits-1 . --private --quiet --exclude training_params.json autotrain-data/* checkpoint-*/*',
  ])
  expect(readFileSync(join(folder, 'hub/model.safetensors'), 'utf8')).toBe('w\n')
})

test('A push is repeated until it works, with a longer wait each time', () => {
  program('autotrain', trains)
  client({ failures: 2 })
  expect(run().status).toBe(0)
  expect(uploads()).toHaveLength(3)
  expect(linesOf('sleeps')).toEqual(['30', '60'])
})

test('A push that fails three times fails the Job, and the log says that it was the push', () => {
  program('autotrain', trains)
  client({ failures: 3 })
  const { status, output } = run()
  expect(status).toBe(1)
  expect(uploads()).toHaveLength(3)
  expect(output).toMatch(/^auto-retrain: the push failed: the model is trained/m)
  expect(output).not.toContain('the training failed')
})

test('The card of an earlier commit on the Hub does not pass for the one of this training', () => {
  writeFileSync(join(folder, 'hub/README.md'), 'the code of this training\n')
  program('autotrain', trains)
  client()
  expect(run().status).toBe(0)
  expect(uploads()).toHaveLength(1)
})

test('A complete model is pushed although AutoTrain was killed', () => {
  program('autotrain', `${trains}; exit 137`)
  client()
  expect(run().status).toBe(0)
  expect(uploads()).toHaveLength(1)
})

test('A training that left no model is not pushed, and fails', () => {
  program('autotrain', 'mkdir -p digits-1; echo c > digits-1/config.json')
  client()
  const { status, output } = run()
  expect(status).toBe(1)
  expect(output).toContain('AutoTrain ended without README.md model.safetensors: the training failed')
  expect(linesOf('calls')).toEqual([])
})

test('The exit code of AutoTrain is kept when it left no model', () => {
  program('autotrain', 'exit 3')
  client()
  expect(run().status).toBe(3)
})

test('A newer client, which is called hf, pushes as well', () => {
  program('autotrain', trains)
  client({ name: 'hf' })
  expect(run().status).toBe(0)
  expect(uploads()).toHaveLength(1)
})

test('An image without a client ends as AutoTrain ends', () => {
  program('autotrain', trains)
  expect(run().status).toBe(0)
})

test('The script never prints the token', () => {
  program('autotrain', trains)
  client({ failures: 3 })
  expect(run().output).not.toContain('hf_secret')
})
