import { afterEach, describe, expect, test } from '@jest/globals'
import {
  type Fixture,
  type FixtureOptions,
  jobOf,
  startFixture,
  stepOf,
  workflowOf,
} from '../../runner/fixture.ts'

let fixture: Fixture | undefined

afterEach(async () => {
  await fixture?.close()
  fixture = undefined
})

async function runWith(options: FixtureOptions) {
  fixture = await startFixture(options)
  const run = await fixture.run()
  return { run, step: stepOf(run, 'action') }
}

const append = (variable: string, text: string) =>
  `require('node:fs').appendFileSync(process.env.${variable}, ${JSON.stringify(text)});`

describe('Command files', () => {
  test('A command file sets outputs on one line or several, and the last of a name wins.', async () => {
    const { step } = await runWith({
      main: append('GITHUB_OUTPUT', 'a=1=2\nb<<END\nx\n\nEND=y\nEND\na=3\n'),
      workflow: workflowOf(`
- uses: ./
  id: action
- run: |
    echo "$A"
  id: show
  env:
    A: \${{ toJSON(steps.action.outputs) }}`),
    })
    expect(step.outputs).toEqual({ a: '3', b: 'x\n\nEND=y' })
    const shown = fixture?.runner.runs[0] && stepOf(fixture.runner.runs[0], 'show').rawOutput
    expect(JSON.parse(shown ?? '')).toEqual({ a: '3', b: 'x\n\nEND=y' })
  })

  test('An invalid command file fails the step, although its exit code is 0.', async () => {
    const { step } = await runWith({ main: append('GITHUB_OUTPUT', 'nonsense\n') })
    expect(step).toMatchObject({ exitCode: 0, conclusion: 'failure', outputs: {} })
    expect(step.annotations.map(({ message }) => message)).toEqual([
      "Unable to process file command 'output' successfully.",
      "Invalid format 'nonsense'",
    ])
  })

  test('A command file without the end of a block fails the step.', async () => {
    const { step } = await runWith({ main: append('GITHUB_STATE', 'a<<END\nx\n') })
    expect(step).toMatchObject({ conclusion: 'failure', state: {} })
    expect(step.annotations[1]?.message).toContain("Matching delimiter not found 'END'")
  })

  test('Command files set the environment and the PATH of later steps, but never NODE_OPTIONS.', async () => {
    const { run, step } = await runWith({
      main:
        append('GITHUB_ENV', 'COLOUR=red\nnode_options=--nope\n') + append('GITHUB_PATH', '/opt/a\n/opt/b\n'),
      workflow: workflowOf(`
- uses: ./
  id: action
- run: echo "$COLOUR \${{ env.COLOUR }} \${PATH%%:/[^o]*} $node_options"
  id: show`),
    })
    expect(stepOf(run, 'show').rawOutput).toBe('red red /opt/b:/opt/a \n')
    expect(step.annotations).toEqual([
      { kind: 'error', message: "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command." },
    ])
    expect(step.conclusion).toBe('success')
  })

  test('Command files that the step removed count as empty.', async () => {
    const { step } = await runWith({
      main: "for (const n of ['OUTPUT', 'STEP_SUMMARY']) require('node:fs').rmSync(process.env['GITHUB_' + n])",
    })
    expect(step).toMatchObject({ conclusion: 'success', outputs: {}, summary: '' })
  })
})

describe('A job summary', () => {
  test('A job summary of exactly 1 MiB is shown.', async () => {
    const { step } = await runWith({
      main: "require('node:fs').writeFileSync(process.env.GITHUB_STEP_SUMMARY, 'é'.repeat(524288))",
    })
    expect(step.summary).toHaveLength(524_289)
    expect(step.annotations).toEqual([])
  })

  test('A job summary one byte above 1 MiB is dropped with an error, and the step still succeeds.', async () => {
    const { step } = await runWith({
      main: "require('node:fs').writeFileSync(process.env.GITHUB_STEP_SUMMARY, 'é'.repeat(524288) + '.')",
    })
    expect(step).toMatchObject({ summary: '', conclusion: 'success' })
    expect(step.annotations[0]?.message).toContain('$GITHUB_STEP_SUMMARY upload aborted')
  })

  test('A job summary is masked line by line.', async () => {
    const { step } = await runWith({
      secrets: { HF_TOKEN: 'hf_secret' },
      main: append('GITHUB_STEP_SUMMARY', '# hf_secret\nhf_\nsecret'),
    })
    expect(step.summary).toBe('# ***\nhf_\nsecret\n')
  })
})

describe('Annotations', () => {
  test('Annotations carry their kind, message, title and position.', async () => {
    const { step } = await runWith({
      main: "console.log('  ::warning title=a%2Cb%3A,file=x.ts,line=3::one%0Atwo%25'); console.error('::notice::n')",
    })
    expect(step.annotations).toEqual(
      expect.arrayContaining([
        { kind: 'warning', message: 'one\ntwo%', title: 'a,b:', file: 'x.ts', line: '3' },
        { kind: 'notice', message: 'n' },
      ]),
    )
    expect(step.conclusion).toBe('success')
  })

  test('Annotations beyond ten of a kind are only in the log, and a message ends at 4,096 characters.', async () => {
    const { step } = await runWith({
      main: "for (let i = 0; i < 12; i++) console.log('::error::' + i + 'x'.repeat(5000)); console.log('::notice::n')",
    })
    expect(step.annotations.filter(({ kind }) => kind === 'error')).toHaveLength(10)
    expect(step.annotations.filter(({ kind }) => kind === 'notice')).toHaveLength(1)
    expect(step.annotations[0]?.message).toHaveLength(4096)
    expect(step.log.filter((line) => line.startsWith('##[error]'))).toHaveLength(12)
  })
})

describe('Masks', () => {
  const secret = 'top/secret & "quoted" \'x\''
  const forms = [
    secret,
    Buffer.from(secret).toString('base64'),
    Buffer.from(`:${secret}`).toString('base64').slice(2),
    Buffer.from(`::${secret}`).toString('base64').slice(3),
    encodeURIComponent(secret).replaceAll("'", '%27'),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&apos;'),
    secret.replaceAll("'", "''"),
  ]

  test('Masks hide a secret and its derived forms in log and annotations, but not in the raw output.', async () => {
    const { step } = await runWith({
      secrets: { HF_TOKEN: secret },
      main: `const forms = ${JSON.stringify(forms)}; for (const f of forms) console.log('<' + f + '>'); console.log('::error::' + forms[1])`,
    })
    const shown = step.log.filter((line) => line.startsWith('<'))
    expect(shown.filter((line) => line !== '<***>').map((line) => line.replace('<***>', ''))).toEqual([
      // What precedes the secret in a base64 text stays in its first characters.
      expect.stringMatching(/^<.{1,2}\*\*\*>$/),
      expect.stringMatching(/^<.{1}\*\*\*>$/),
    ])
    expect(step.annotations).toEqual([{ kind: 'error', message: '***' }])
    expect(step.rawOutput).toContain(`<${secret}>`)
  })

  test('Masks do not cover hex forms, hashes and halves of a secret.', async () => {
    const { step } = await runWith({
      secrets: { HF_TOKEN: 'hf_secret' },
      main: "console.log(Buffer.from('hf_secret').toString('hex') + ' hf_sec')",
    })
    expect(step.log).toContain('68665f736563726574 hf_sec')
  })

  test('The command add-mask masks each line of a value for the whole job.', async () => {
    const { run, step } = await runWith({
      main: "console.log('first-line'); console.log('::add-mask::first-line%0Asecond-line'); console.log('first-line')",
      workflow: workflowOf('- uses: ./\n  id: action\n- run: echo the second-line\n  id: next'),
    })
    expect(step.log.slice(-2)).toEqual(['first-line', '***'])
    expect(stepOf(run, 'next').log).toContain('the ***')
    expect(step.commands).toEqual([{ name: 'add-mask', properties: {}, data: 'first-line\nsecond-line' }])
  })

  test('A mask of an empty value only warns.', async () => {
    const { step } = await runWith({ main: "console.log('::add-mask::')" })
    expect(step.annotations[0]?.message).toContain("Can't add secret mask for empty string")
  })

  test('Masks cover the token of the job and the printed inputs.', async () => {
    const { step } = await runWith({ main: "console.log(process.env['INPUT_GITHUB-TOKEN'])" })
    expect(step.rawOutput).toMatch(/^ghs_/)
    expect(step.log).toContain('  github-token: ***')
    expect(step.log.at(-1)).toBe('***')
  })

  test('Masks keep a secret out of the outputs of the job.', async () => {
    const { run } = await runWith({
      secrets: { HF_TOKEN: 'hf_secret' },
      main: append('GITHUB_OUTPUT', 'leak=x hf_secret\nfine=y\n'),
      workflow: workflowOf('- uses: ./\n  id: action').replace(
        'steps:',
        `outputs: { leak: '\${{ steps.action.outputs.leak }}', fine: '\${{ steps.action.outputs.fine }}' }\n    steps:`,
      ),
    })
    expect(jobOf(run)).toMatchObject({
      outputs: { fine: 'y' },
      annotations: [{ kind: 'warning', message: "Skip output 'leak' since it may contain secret." }],
    })
  })
})

describe('Workflow commands', () => {
  test('Workflow commands are obeyed at the start of a line, after a carriage return and in brackets anywhere.', async () => {
    const { step } = await runWith({
      main: "process.stdout.write('a ::error::no\\na\\r::error::cr\\r\\nb ##[error title=t]brackets\\n::Error::case')",
    })
    expect(step.annotations).toEqual([
      { kind: 'error', message: 'cr' },
      { kind: 'error', message: 'brackets', title: 't' },
      { kind: 'error', message: 'case' },
    ])
    expect(step.log).toContain('a ::error::no')
  })

  test('Unknown workflow commands are only text.', async () => {
    const { step } = await runWith({ main: "console.log('::nope::x'); console.log('::set-secret::y')" })
    expect(step).toMatchObject({ commands: [], conclusion: 'success' })
    expect(step.log.slice(-2)).toEqual(['::nope::x', '::set-secret::y'])
  })

  test('Workflow commands stop between stop-commands and its token, and the token is masked.', async () => {
    const { step } = await runWith({
      main: `console.log('::stop-commands::0123456789\\n::error::no\\n##[error]no\\n::0123456789::\\n::error::yes 0123456789')`,
    })
    expect(step.annotations).toEqual([{ kind: 'error', message: 'yes ***' }])
    expect(step.log).toContain('::error::no')
  })

  test('The deprecated set-output and save-state are obeyed with a warning, for later steps and for post.', async () => {
    const { run, step } = await runWith({
      action:
        'name: Fixture\ndescription: x\nruns: { using: node24, main: main.js, post: post.js, post-if: always() }',
      main: `console.log('::set-output name=a::b%0Ac\\n##[set-output name=a;]d\\n::save-state name=job::id-1')`,
      repositoryFiles: { 'post.js': "console.log('post ' + process.env.STATE_job)" },
      workflow: workflowOf(
        `- uses: ./\n  id: action\n- run: echo "$A"\n  id: show\n  env:\n    A: \${{ steps.action.outputs.a }}`,
      ),
    })
    expect(step).toMatchObject({ conclusion: 'success', outputs: { a: 'd' }, state: { job: 'id-1' } })
    expect(step.annotations.map(({ kind, message }) => [kind, message.slice(0, 38)])).toEqual([
      ['warning', 'The `set-output` command is deprecated'],
      ['warning', 'The `set-output` command is deprecated'],
      ['warning', 'The `save-state` command is deprecated'],
    ])
    expect(stepOf(run, 'show').rawOutput).toBe('d\n')
    expect(stepOf(run, 'Post Run ./').rawOutput).toBe('post id-1\n')
  })

  test('What the output file says wins over set-output.', async () => {
    const { step } = await runWith({
      main: `${append('GITHUB_OUTPUT', 'a=file\n')}console.log('::set-output name=a::command')`,
    })
    expect(step.outputs).toEqual({ a: 'file' })
  })

  test.each(['set-output', 'save-state'])(
    '%s without a name fails the step and sets nothing.',
    async (name) => {
      const { step } = await runWith({ main: `console.log('::${name}::b\\n::${name} name=::b')` })
      expect(step).toMatchObject({ conclusion: 'failure', outputs: {}, state: {} })
      expect(step.annotations.map(({ message }) => message)).toContain(
        `Required field 'name' is missing in ##[${name}] command.`,
      )
    },
  )

  test('Workflow commands that would change the environment of later steps fail the step.', async () => {
    const later = await runWith({ main: "console.log('::set-env name=A::b'); console.log('::add-path::/x')" })
    expect(later.step.conclusion).toBe('failure')
    expect(later.step.annotations).toHaveLength(4)
  })

  test('Debug lines are shown only with ACTIONS_STEP_DEBUG, which also sets RUNNER_DEBUG.', async () => {
    const main =
      "console.log('::group::G\\n::debug::D\\n::endgroup::\\nRUNNER_DEBUG=' + process.env.RUNNER_DEBUG)"
    const quiet = await runWith({ main })
    expect(quiet.step.log.slice(-3)).toEqual(['##[group]G', '##[endgroup]', 'RUNNER_DEBUG=undefined'])
    await fixture?.close()
    const loud = await runWith({ main, secrets: { ACTIONS_STEP_DEBUG: 'true' } })
    expect(loud.step.log).toEqual(expect.arrayContaining(['##[debug]D', 'RUNNER_DEBUG=1']))
    await fixture?.close()
    const byVariable = await runWith({ main, variables: { ACTIONS_STEP_DEBUG: 'true' } })
    expect(byVariable.step.log).toContain('RUNNER_DEBUG=1')
  })
})

describe('The post of an action', () => {
  const action = `
name: Fixture
description: x
inputs: { who: { description: x, default: somebody } }
runs: { using: node24, main: main.js, post: post.js }`
  const post =
    "console.log('post ' + process.env.STATE_job + ' ' + process.env.INPUT_WHO + ' ' + process.env.STATE_other)"

  test('The post of an action runs at the end of the job with the saved state and the same inputs, the last action first.', async () => {
    const { run } = await runWith({
      action,
      main: `${append('GITHUB_STATE', 'job<<E\nid-1\nE\n')}console.log('main ' + process.env.STATE_job)`,
      repositoryFiles: { 'post.js': post },
      workflow: workflowOf(
        '- uses: ./\n  id: action\n- uses: ./\n  name: second\n  with: { who: else }\n- run: echo last',
      ),
    })
    const names = jobOf(run).steps.map(({ name }) => name)
    expect(names.slice(-3)).toEqual(['Run echo last', 'Post second', 'Post Run ./'])
    expect(stepOf(run, 'Post Run ./').rawOutput).toBe('post id-1 somebody undefined\n')
    expect(stepOf(run, 'Post second').rawOutput).toBe('post id-1 else undefined\n')
    expect(stepOf(run, 'action')).toMatchObject({ rawOutput: 'main undefined\n', state: { job: 'id-1' } })
  })

  test('The post of an action runs after a failure, too, and can fail the job itself.', async () => {
    const { run } = await runWith({ action, main: 'process.exit(1)', repositoryFiles: { 'post.js': post } })
    expect(stepOf(run, 'Post Run ./').conclusion).toBe('success')
    await fixture?.close()
    const { run: other } = await runWith({ action, repositoryFiles: { 'post.js': 'process.exit(1)' } })
    expect(other.conclusion).toBe('failure')
  })

  test('The post of an action does not run when its condition is false, or when main was never reached.', async () => {
    const conditional = action.replace('post: post.js', "post: post.js, post-if: 'failure()'")
    const { run } = await runWith({ action: conditional, repositoryFiles: { 'post.js': post } })
    expect(stepOf(run, 'Post Run ./').conclusion).toBe('skipped')
    await fixture?.close()
    const { run: other } = await runWith({
      action,
      repositoryFiles: { 'post.js': post },
      workflow: workflowOf('- run: exit 1\n- uses: ./\n  id: action'),
    })
    expect(jobOf(other).steps.map(({ name }) => name)).not.toContain('Post Run ./')
  })
})
