import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type Fixture, type FixtureOptions, jobOf, startFixture, stepOf } from '../../runner/fixture.ts'

let fixture: Fixture | undefined

afterEach(async () => {
  await fixture?.close()
  fixture = undefined
})

async function start(options: FixtureOptions): Promise<Fixture> {
  fixture = await startFixture(options)
  return fixture
}

/** A workflow with these jobs (YAML, indented by two); each is given `runs-on`. */
function jobs(text: string): string {
  return `on:\n  repository_dispatch:\njobs:${text.replaceAll(/^ {2}\w+:$/gm, '$&\n    runs-on: x')}\n`
}

describe('Jobs', () => {
  test('A job passes its outputs and result to the jobs that need it.', async () => {
    const { run } = await start({
      workflow: jobs(`
  plan:
    outputs: { verdict: '\${{ steps.s.outputs.verdict }}', empty: '\${{ steps.s.outputs.none }}' }
    steps:
      - id: s
        run: echo verdict=planned >> "$GITHUB_OUTPUT"
  train:
    needs: plan
    if: needs.plan.outputs.verdict == 'planned'
    name: Train \${{ needs.plan.outputs.verdict }}
    steps:
      - run: echo '\${{ needs.plan.result }} \${{ toJSON(needs.plan.outputs) }}'
        id: show`),
    })
    const finished = await run()
    expect(finished.conclusion).toBe('success')
    expect(jobOf(finished, 'plan').outputs).toEqual({ verdict: 'planned' })
    expect(jobOf(finished, 'train').name).toBe('Train planned')
    expect(stepOf(finished, 'show').rawOutput).toMatch(/^success /)
  })

  test('A job is skipped when a job before it failed or was skipped, unless its condition allows it.', async () => {
    const { run } = await start({
      workflow: jobs(`
  bad:
    steps: [{ run: exit 1 }]
  next:
    needs: bad
    steps: [{ run: 'true' }]
  always:
    needs: [next]
    if: always()
    steps: [{ run: 'true' }]
  after:
    needs: always
    steps: [{ run: 'true' }]
  alarm:
    needs: [next]
    if: failure()
    steps: [{ run: 'true' }]
  free:
    steps: [{ run: 'true' }]`),
    })
    const finished = await run()
    expect(finished.conclusion).toBe('failure')
    expect(Object.fromEntries(finished.jobs.map(({ id, conclusion }) => [id, conclusion]))).toEqual({
      bad: 'failure',
      next: 'skipped',
      always: 'success',
      after: 'skipped',
      alarm: 'success',
      free: 'success',
    })
  })

  test('A run whose jobs are all skipped is skipped.', async () => {
    const { run } = await start({
      workflow: jobs("\n  a:\n    if: github.event_name == 'push'\n    steps: [{ run: 'true' }]"),
    })
    expect((await run()).conclusion).toBe('skipped')
  })

  test('A job with an environment waits for approval, and fails when it is refused.', async () => {
    let answer: (agreed: boolean) => void = () => {}
    const asked: string[] = []
    const { runner } = await start({
      approve(request) {
        asked.push(`${request.environment} ${request.job}`)
        return new Promise((resolve) => {
          answer = resolve
        })
      },
      workflow: jobs(`
  a:
    environment: production
    steps: [{ run: 'true' }]`),
    })
    const [first] = await runner.dispatch('x')
    await runner.settled()
    expect(asked).toEqual(['production a'])
    expect(first).toMatchObject({
      status: 'waiting',
      conclusion: null,
      jobs: [{ status: 'waiting', steps: [] }],
    })
    answer(true)
    await runner.settled()
    expect(first).toMatchObject({ status: 'completed', conclusion: 'success' })
    const [second] = await runner.dispatch('x')
    await runner.settled()
    answer(false)
    await runner.settled()
    expect(second).toMatchObject({ conclusion: 'failure', jobs: [{ steps: [] }] })
  })

  test('Jobs share the machines of the runner.', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'one-machine-'))
    const alone = `steps: [{ run: 'mkdir "$FOLDER/taken"; sleep 0.05; rmdir "$FOLDER/taken"' }]`
    const { runner } = await start({
      machines: 1,
      environment: { FOLDER: folder },
      workflow: jobs(`\n  a:\n    ${alone}\n  b:\n    ${alone}`),
    })
    const [run] = await runner.dispatch('x')
    await runner.settled()
    rmSync(folder, { recursive: true })
    expect(run?.conclusion).toBe('success')
  })
})

describe('The token of a job', () => {
  const dispatchOwn = `
const { GITHUB_API_URL: url, GITHUB_REPOSITORY: repository } = process.env
const authorization = 'token ' + process.env['INPUT_GITHUB-TOKEN']
fetch(url + '/repos/' + repository + '/dispatches', { method: 'POST', headers: { authorization }, body: '{"event_type":"own"}' })
  .then((response) => console.log(response.status))`
  const withPermissions = (workflow: string, job: string) =>
    `on: { repository_dispatch: { types: [hub-webhook] } }\n${workflow}\njobs:\n  a:\n    runs-on: x\n    ${job}\n    steps: [{ uses: actions/checkout@v4 }, { uses: ./, id: action }]`
  const cases: [string, string, string, string, Record<string, string>][] = [
    [
      'may only read contents without permissions',
      '',
      '',
      '403',
      { contents: 'read', packages: 'read', metadata: 'read' },
    ],
    [
      'has the permissions of the workflow',
      'permissions: { contents: write }',
      '',
      '204',
      { contents: 'write', metadata: 'read' },
    ],
    [
      'has only the permissions of the job, where it names some',
      'permissions: { contents: write }',
      'permissions: { actions: read }',
      '403',
      { actions: 'read', metadata: 'read' },
    ],
    ['may do nothing with empty permissions', 'permissions: {}', '', '403', { metadata: 'read' }],
  ]
  test.each(cases)('The token of a job %s.', async (_title, top, job, status, permissions) => {
    const { run } = await start({ main: dispatchOwn, workflow: withPermissions(top, job) })
    const finished = await run()
    expect(stepOf(finished, 'action').rawOutput).toBe(`${status}\n`)
    expect(jobOf(finished).permissions).toEqual(permissions)
  })

  test('The token of a job may write everything with write-all.', async () => {
    const { run } = await start({
      main: dispatchOwn,
      workflow: withPermissions('permissions: write-all', ''),
    })
    expect(stepOf(await run(), 'action').rawOutput).toBe('204\n')
  })

  test('The token of a job is revoked when the job has ended.', async () => {
    const { run, github } = await start({
      main: "console.log(process.env['INPUT_GITHUB-TOKEN'])",
      workflow: withPermissions('permissions: { contents: write }', ''),
    })
    const token = stepOf(await run(), 'action').rawOutput.trim()
    const { status } = await fetch(`${github.url}/repos/acme/retrain/dispatches`, {
      method: 'POST',
      headers: { authorization: `token ${token}` },
      body: '{"event_type":"late"}',
    })
    expect(token).toMatch(/^ghs_/)
    expect(status).toBe(401)
  })

  test('A job can request an identity token only with id-token: write.', async () => {
    const main =
      "console.log(Object.keys(process.env).filter((n) => n.startsWith('ACTIONS_ID_TOKEN')).length)"
    const { run } = await start({ main, workflow: withPermissions('permissions: { id-token: write }', '') })
    expect(stepOf(await run(), 'action').rawOutput).toBe('2\n')
    await fixture?.close()
    const { run: other } = await start({ main, workflow: withPermissions('', '') })
    expect(stepOf(await other(), 'action').rawOutput).toBe('0\n')
  })
})

describe('A concurrency group', () => {
  const held = (extra: string) => `on:
  repository_dispatch:
run-name: \${{ github.event.client_payload.n }}
concurrency:
  group: retrain-\${{ github.event.client_payload.dataset }}
  ${extra}
jobs:
  a:
    runs-on: x
    environment: hold
    steps: [{ run: 'true' }]`

  async function three(extra: string, datasets = ['cats', 'CATS', 'cats']) {
    const release: ((agreed: boolean) => void)[] = []
    const { runner } = await start({
      approve: () => new Promise((resolve) => release.push(resolve)),
      workflow: held(extra),
    })
    for (const [index, dataset] of datasets.entries()) {
      await runner.dispatch('x', { n: String(index + 1), dataset })
      await runner.settled()
    }
    const states = () => runner.runs.map(({ name, status, conclusion }) => `${name} ${conclusion ?? status}`)
    return { runner, release, states }
  }

  test('A concurrency group runs one and queues one: a newer run cancels the queued one.', async () => {
    const { runner, release, states } = await three('')
    expect(states()).toEqual(['1 waiting', '2 cancelled', '3 pending'])
    release[0]?.(true)
    await runner.settled()
    expect(states()).toEqual(['1 success', '2 cancelled', '3 waiting'])
    expect(runner.runs[1]?.jobs).toMatchObject([{ conclusion: 'cancelled', steps: [] }])
  })

  test('A concurrency group with cancel-in-progress also cancels the running one.', async () => {
    const { states } = await three('cancel-in-progress: true')
    expect(states()).toEqual(['1 cancelled', '2 cancelled', '3 waiting'])
  })

  test('A concurrency group with queue: max queues all runs in order.', async () => {
    const { runner, release, states } = await three('queue: max')
    expect(states()).toEqual(['1 waiting', '2 pending', '3 pending'])
    release[0]?.(true)
    await runner.settled()
    expect(states()).toEqual(['1 success', '2 waiting', '3 pending'])
  })

  test('A concurrency group may choose its queue by an expression.', async () => {
    const { states } = await three(`queue: \${{ github.event.client_payload.n == '3' && 'single' || 'max' }}`)
    expect(states()).toEqual(['1 waiting', '2 cancelled', '3 pending'])
  })

  test.each([
    ['queue: max\n  cancel-in-progress: true', "'queue: max' cannot be combined"],
    [`queue: \${{ github.event.client_payload.dataset }}`, "Unexpected value 'cats' for 'queue'"],
  ])('A concurrency group with %j starts no run.', async (extra, problem) => {
    const { runner } = await three(extra, ['cats'])
    expect(runner.runs).toMatchObject([
      { conclusion: 'startup_failure', problems: [expect.stringContaining(problem)] },
    ])
  })

  test('Concurrency groups with different names do not wait for each other.', async () => {
    const { states } = await three('', ['cats', 'dogs', 'birds'])
    expect(states()).toEqual(['1 waiting', '2 waiting', '3 waiting'])
  })

  test('The concurrency group of a job holds back only that job.', async () => {
    const release: ((agreed: boolean) => void)[] = []
    const { runner } = await start({
      approve: () => new Promise((resolve) => release.push(resolve)),
      workflow: jobs(`
  first:
    steps: [{ run: 'true' }]
  second:
    needs: first
    concurrency: one
    steps: [{ run: 'true' }]
  third:
    needs: second
    environment: hold
    concurrency: two
    steps: [{ run: 'true' }]`),
    })
    await runner.dispatch('x')
    await runner.dispatch('x')
    await runner.settled()
    expect(runner.runs.map(({ jobs: all }) => all.map(({ status }) => status))).toEqual([
      ['completed', 'completed', 'waiting'],
      ['completed', 'completed', 'waiting'],
    ])
  })
})

describe('A re-run', () => {
  const workflow = jobs(`
  good:
    outputs: { attempt: '\${{ steps.s.outputs.attempt }}' }
    steps:
      - { id: s, run: 'echo attempt=$GITHUB_RUN_ATTEMPT >> "$GITHUB_OUTPUT"' }
  flaky:
    needs: good
    steps:
      - { id: f, run: 'echo $GITHUB_RUN_ID $GITHUB_RUN_ATTEMPT; test $GITHUB_RUN_ATTEMPT != 1' }
  after:
    needs: [good, flaky]
    steps:
      - { id: show, run: 'echo \${{ needs.good.outputs.attempt }} \${{ github.event.client_payload.n }}' }`)

  test('A re-run keeps the id and the event of the run and raises its attempt.', async () => {
    const { run, runner } = await start({ workflow })
    const first = await run({ n: 'seven' })
    expect(first).toMatchObject({ attempt: 1, conclusion: 'failure' })
    await runner.rerun(first.id)
    const second = await runner.finished(first.id)
    expect(second).toMatchObject({ id: first.id, number: first.number, attempt: 2, conclusion: 'success' })
    expect(stepOf(second, 'f').rawOutput).toBe(`${first.id} 2\n`)
    expect(stepOf(second, 'show').rawOutput).toBe('2 seven\n')
    expect(runner.runs).toEqual([first, second])
  })

  test('A re-run of failed jobs runs them and their dependents, with the earlier outputs of the others.', async () => {
    const { run, runner } = await start({ workflow })
    const first = await run({ n: 'x' })
    await runner.rerun(first.id, { failedOnly: true })
    const second = await runner.finished(first.id)
    expect(second.conclusion).toBe('success')
    expect(jobOf(second, 'good').steps).toEqual(jobOf(first, 'good').steps)
    expect(stepOf(second, 'show').rawOutput).toBe('1 x\n')
  })

  test('A re-run is refused while the run is in progress.', async () => {
    const { runner } = await start({
      approve: () => new Promise(() => {}),
      workflow: jobs("\n  a:\n    environment: hold\n    steps: [{ run: 'true' }]"),
    })
    const [run] = await runner.dispatch('x')
    await runner.settled()
    await expect(runner.rerun(run?.id ?? 0)).rejects.toThrow('has not ended yet')
  })
})
