// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expressions of workflows look like this.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readArguments } from './arguments.ts'
import { runText } from './show.ts'
import { TryError } from './try-error.ts'
import { type Ready, tryWorkflow } from './try-workflow.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'try-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Tried {
  /** An exit code, or the signal that ended it. */
  readonly end: number | NodeJS.Signals
  readonly text: string
  readonly errors: string
  /** Temporary files that are still there. */
  readonly left: readonly string[]
}

/** Runs `npm run try -- ARGUMENTS` without npm, from the folder of the test. */
async function tryIt(
  args: readonly string[],
  options: { from?: string; interruptAt?: string } = {},
): Promise<Tried> {
  const temporary = mkdtempSync(join(folder, 'tmp-'))
  const child = spawn(process.execPath, ['--import', './test/node-setup.js', 'test/try/try.ts', ...args], {
    env: { PATH: process.env.PATH, TMPDIR: temporary, INIT_CWD: options.from ?? process.cwd() },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const said = { text: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (part) => {
    said.text += part
    if (options.interruptAt !== undefined && said.text.includes(options.interruptAt)) {
      process.kill(-(child.pid ?? 0), 'SIGINT')
    }
  })
  child.stderr.setEncoding('utf8').on('data', (part) => {
    said.errors += part
  })
  const end = await new Promise<Tried['end']>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0))
  })
  return { ...said, end, left: readdirSync(temporary) }
}

/** Does the same within this process; much faster. */
async function tryHere(args: readonly string[], from = process.cwd()): Promise<Pick<Tried, 'end' | 'text'>> {
  const given = readArguments(args)
  if (given === null) throw new Error('No --help here.')
  let ready: Ready | undefined
  const run = await tryWorkflow({
    ...given,
    folder: from,
    onReady: (told) => {
      ready = told
    },
    signal: new AbortController().signal,
  })
  const text = `by ${ready?.event}.\n${ready?.notes.join('\n')}\n${runText(run)}`
  return { end: run.conclusion === 'success' ? 0 : 1, text }
}

/** Writes a repository of a user, and gives its folder. */
function repository(files: Record<string, string>): string {
  const root = mkdtempSync(join(folder, 'repository-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** A workflow with one job and these steps. */
const workflow = (steps: readonly object[], on: unknown = 'workflow_dispatch') =>
  JSON.stringify({
    on,
    permissions: {},
    jobs: { train: { 'runs-on': 'ubuntu-latest', permissions: { contents: 'write' }, steps } },
  })

const recipe = {
  'hf-token': '${{ secrets.MY_HUB_TOKEN }}',
  'input-dataset': 'flower-shop/flowers',
  'input-model': 'google/vit-base-patch16-224',
  'target-namespace': 'flower-shop',
  'autotrain-project-prefix': 'flowers',
}
const retrain = (more: Record<string, string> = {}, uses = 'someone/auto-retrain@v1') => ({
  uses,
  id: 'retrain',
  with: { ...recipe, ...more },
})

describe('An example that is tried', () => {
  test('The main example trains on the digits of the sandbox, and its verdict, outputs and summary are printed.', async () => {
    const { end, text, errors, left } = await tryIt(['examples/retrain.yml'])
    expect({ end, errors, left }).toEqual({ end: 0, errors: '', left: [] })
    expect(text).toContain('Running examples/retrain.yml by workflow_dispatch.')
    expect(text).toMatch(/Not real here:\n- The files of the dataset acme\/digits are made up/)
    expect(text).toContain('AutoTrain is a stand-in')
    expect(text).toMatch(/Verdict of job retrain: succeeded\n {2}Trained on commit [0-9a-f]{7}\./)
    expect(text).toMatch(/\n {2}model: acme\/digits-[0-9a-f]{7}\n/)
    expect(text).toMatch(/Summary:\n.*eval_accuracy/)
  })

  test('The example with an approval plans and trains: the sandbox approves.', async () => {
    const { end, text } = await tryHere(['examples/retrain-with-approval.yml'])
    expect(end).toBe(0)
    expect(text).toContain('Environments have no rules: their jobs start without a review.')
    expect(text).toMatch(/Verdict of job plan: planned\n[\s\S]*Verdict of job train: succeeded\n/)
  })

  test('An input of the workflow is passed on, such as a dry run.', async () => {
    const { end, text } = await tryHere(['examples/retrain.yml', '--input', 'dry-run=true'])
    expect(end).toBe(0)
    expect(text).toContain('Verdict of job retrain: planned')
  })
})

describe('The commands of CONTRIBUTING.md', () => {
  test('They are those that this suite runs.', () => {
    const commands = [...readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/^npm run try -- (.*)$/gm)]
    expect(commands.map(([, args]) => args)).toEqual([
      'examples/retrain.yml',
      'examples/retrain.yml --input dry-run=true',
      '--help',
    ])
  })

  test('--help prints every option and exits with 0.', async () => {
    const { end, text, errors } = await tryIt(['--help'])
    expect([end, errors]).toEqual([0, ''])
    for (const option of ['event', 'input', 'var', 'data', 'action', 'run-scripts']) {
      expect(text).toContain(`--${option}`)
    }
  })
})

describe('A workflow of a user', () => {
  test('Each recipe of the config file trains; the script is not run, and that is said.', async () => {
    const entry = (prefix: string, more: object) => ({
      input_dataset: `team/${prefix}`,
      input_model: 'google-bert/bert-base-cased',
      target_namespace: 'team',
      autotrain_project_prefix: prefix,
      ...more,
    })
    const texts = {
      task: 'text-classification',
      column_mapping: { text_column: 'words', target_column: 'kind' },
    }
    const recipes = [
      entry('texts', texts),
      entry('pictures', { trainer: 'script', script: 'train.py', compare_metric: 'f1' }),
    ]
    const root = repository({
      'train.py': '# /// script\n# dependencies = []\n# ///\nraise SystemExit("run for real")\n',
      '.github/auto-retrain.json': JSON.stringify({ recipes }),
      '.github/workflows/train.yml': workflow(
        [
          { uses: 'actions/checkout@v5' },
          { uses: 'actions/setup-python@v6', with: { 'python-version': '3.12' } },
          { uses: 'someone/auto-retrain@v1', with: { 'hf-token': '${{ secrets.MY_HUB_TOKEN }}' } },
        ],
        { schedule: [{ cron: '7 4 * * *' }] },
      ),
    })
    const { end, text } = await tryHere(['.github/workflows/train.yml'], root)
    expect(end).toBe(0)
    expect(text).toContain('by schedule.')
    expect(text).toContain('The training is played')
    expect(text).toContain('Other actions do nothing, and have no outputs: actions/setup-python.')
    expect(text).toMatch(
      /"verdict":"succeeded".*"dataset":"team\/texts".*"verdict":"succeeded".*"metrics":"\{\\"f1\\":0\.9\}"/,
    )
  })

  test('A recipe that the action refuses is refused with its sentence, and the exit code is 1.', async () => {
    const root = repository({ 'a.yml': workflow([retrain({ 'max-cost': 'lots' })]) })
    const { end, text } = await tryHere(['a.yml'], root)
    expect(end).toBe(1)
    expect(text).toMatch(/Verdict of job train: refused\n {2}max-cost .*/)
  })

  test.each([
    ['token-classification', { tokens_column: 'words', tags_column: 'kinds' }, 'some/bert'],
    ['tabular-classification', { target_columns: ['kind'] }, 'logistic_regression'],
    ['llm-sft', { text_column: 'chat' }, 'some/llama'],
  ])(
    'Data for the task %s are made up so that the action plans and trains on them.',
    async (task, columns, model) => {
      const more = { task, 'column-mapping': JSON.stringify(columns), 'input-model': model }
      const root = repository({ 'a.yml': workflow([retrain(more)]) })
      const { end, text } = await tryHere(['a.yml'], root)
      expect([end, /Verdict of job train: (.*\n.*)/.exec(text)?.[1]]).toEqual([
        0,
        expect.stringMatching(/^succeeded\n/),
      ])
    },
  )

  test('Variables fill the recipe where they are given, and are named where they are not.', async () => {
    const from = {
      'input-dataset': '${{ vars.DATASET }}',
      'dry-run': 'true',
    }
    const texts = { task: 'text-classification', 'column-mapping': '{"text_column":"t","target_column":"l"}' }
    const root = repository({ 'a.yml': workflow([retrain({ ...from, ...texts })]) })
    const without = await tryHere(['a.yml'], root)
    expect(without.text).toContain('The variable DATASET is empty. Give it a value with --var DATASET=VALUE.')
    expect(without.text).toContain('Verdict of job train: refused')
    const { end, text } = await tryHere(['a.yml', '--var', 'DATASET=shop/reviews'], root)
    expect([end, text]).toEqual([0, expect.stringContaining('Verdict of job train: planned')])
    expect(text).toContain('The files of the dataset shop/reviews are made up: train.csv.')
  })

  test('A base model without a namespace is refused here, and the sentence says what to write.', async () => {
    const root = repository({
      'a.yml': workflow([retrain({ 'input-model': 'resnet-50', 'dry-run': 'true' })]),
    })
    const { end, text } = await tryHere(['a.yml'], root)
    expect(end).toBe(1)
    expect(text).toContain('no models without a namespace, such as resnet-50: write NAMESPACE/resnet-50.')
  })

  test('Files of the user take the place of made-up ones.', async () => {
    const root = repository({ 'a.yml': workflow([retrain()]), 'own/train/notes.txt': 'no picture' })
    const { end, text } = await tryHere(['a.yml', '--data', 'own'], root)
    expect(end).toBe(1)
    expect(text).toContain(
      'The files of the dataset flower-shop/flowers are those of --data: train/notes.txt.',
    )
    expect(text).toContain('Verdict of job train: refused')
  })

  test('A copy of the action under another name is found when it is named.', async () => {
    const root = repository({ 'a.yml': workflow([retrain({ 'dry-run': 'true' }, 'me/own-name@main')]) })
    await expect(tryHere(['a.yml'], root)).rejects.toThrow('add --action OWNER/NAME')
    expect((await tryHere(['a.yml', '--action', 'me/own-name'], root)).end).toBe(0)
  })

  test('Its scripts run only when that is asked for.', async () => {
    const touched = join(folder, 'touched')
    const steps = [{ run: 'touch "$TOUCHED"', env: { TOUCHED: touched } }, retrain({ 'dry-run': 'true' })]
    const root = repository({ 'a.yml': workflow(steps) })
    expect((await tryHere(['a.yml'], root)).text).toContain('Scripts (run:) are not run: 1 of them.')
    expect(existsSync(touched)).toBe(false)
    expect((await tryHere(['a.yml', '--run-scripts'], root)).end).toBe(0)
    expect(existsSync(touched)).toBe(true)
  })

  test('A run that is interrupted says so, exits with 130 and leaves nothing behind.', async () => {
    const tried = await tryIt(['examples/retrain.yml'], { interruptAt: 'Not real here' })
    expect({ end: tried.end, left: tried.left }).toEqual({ end: 130, left: [] })
    expect(tried.text).toContain('Interrupted: stopping everything that was started.')
  })
})

describe('A file that cannot be tried', () => {
  test.each([
    ['that is missing', {}, /^There is no file a\.yml\. Name a workflow file/],
    ['that is not YAML', { 'a.yml': 'on: push\njobs: [\nx: y\n' }, /^a\.yml is not valid YAML: line \d+: /],
    ['that is no workflow', { 'a.yml': 'input_dataset: acme/digits\n' }, /^a\.yml is not a workflow: /],
    ['that is not text', { 'a.yml': 'on\u0000:\u0000' }, /^a\.yml is /],
    [
      'with a misspelt key',
      { 'a.yml': workflow([{ ...retrain(), wth: {} }]) },
      /^a\.yml is not a workflow that can run here: .*wth/,
    ],
    [
      'without a step of this action',
      { 'a.yml': workflow([{ run: 'true' }]) },
      /^No step of a\.yml uses this action\. They use no action\./,
    ],
    [
      'whose ./ is an action of its own',
      { 'a.yml': workflow([{ uses: './' }]) },
      /^No step of a\.yml uses this action\. They use \.\/\./,
    ],
    [
      'that starts on a push only',
      { 'a.yml': workflow([retrain()], 'push') },
      /^The workflow starts on push only\./,
    ],
    [
      'whose trainer would run a command on this machine',
      { 'a.yml': workflow([retrain({ trainer: 'command', command: 'true' })]) },
      /^The trainer of flowers is "command".* Add --run-scripts/,
    ],
    [
      'whose data cannot be made up',
      {
        'a.yml': workflow([
          retrain({
            task: 'vlm:vqa',
            'column-mapping': '{"image_column":"i","text_column":"t","prompt_text_column":"p"}',
          }),
        ]),
      },
      /^Data for the task vlm:vqa cannot be made up\. Give a folder/,
    ],
  ])('A file %s is refused in a sentence, before anything starts.', async (_, files, sentence) => {
    await expect(tryHere(['a.yml'], repository(files))).rejects.toThrow(sentence)
    await expect(tryHere(['a.yml'], repository(files))).rejects.toThrow(TryError)
  })

  test.each([
    [[], /^name one workflow file\./],
    [['examples/retrain.yml', '--event', 'push'], /^--event must be an event of the workflow/],
    [['examples/retrain.yml', '--input', 'colour=red'], /^--input: Unexpected inputs provided: \["colour"\]/],
    [['examples/retrain.yml', '--input', 'red'], /^--input takes NAME=VALUE, not "red"\./],
    [['examples/retrain.yml', '--data', 'nowhere'], /^--data: there is no folder /],
    [['examples/retrain.yml', '--fast'], /^Unknown option '--fast'/],
  ])('The arguments %j are refused in a sentence.', async (args, sentence) => {
    await expect((async () => tryHere(args))()).rejects.toThrow(sentence)
  })

  test('The program prints the sentence, exits with 2 and leaves nothing behind.', async () => {
    expect(await tryIt(['a.yml'], { from: repository({}) })).toEqual({
      end: 2,
      text: '',
      errors: 'try: There is no file a.yml. Name a workflow file, such as examples/retrain.yml.\n',
      left: [],
    })
  })
})
