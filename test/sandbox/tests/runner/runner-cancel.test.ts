import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from '@jest/globals'
import {
  type Fixture,
  type FixtureOptions,
  jobOf,
  startFixture,
  stepOf,
  workflowOf,
} from '../../runner/fixture.ts'
import type { RunResult } from '../../runner/step/results.ts'

let fixture: Fixture | undefined

afterEach(async () => {
  await fixture?.close()
  fixture = undefined
})

const action = `
name: Fixture
description: x
runs: { using: node24, main: main.js, post: post.js }`
const post = "console.log('post ' + process.env.STATE_job)"
const saveState = "require('node:fs').appendFileSync(process.env.GITHUB_STATE, 'job=id-1\\n');"
const stayAlive = 'setInterval(() => {}, 1000);'

/** Starts a run and waits until its action says `ready`. */
async function startUntilReady(options: FixtureOptions): Promise<{ fixture: Fixture; run: RunResult }> {
  fixture = await startFixture({ action, repositoryFiles: { 'post.js': post }, ...options })
  const [run] = await fixture.runner.dispatch('x')
  if (run === undefined) throw new Error('The dispatch started no run.')
  await until(() => run.jobs.some((job) => job.steps.some((step) => step.rawOutput.includes('ready'))))
  return { fixture, run }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}

// A killed process that nobody has waited for yet is a zombie, and as good as gone.
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

describe('A cancelled run', () => {
  test('A cancel ends an action without a handler at once by SIGINT, and its post still runs.', async () => {
    const { fixture, run } = await startUntilReady({ main: `${saveState}${stayAlive}console.log('ready')` })
    const ended = await fixture.runner.cancel(run.id)
    expect(ended.conclusion).toBe('cancelled')
    expect(stepOf(ended, 'Run ./')).toMatchObject({ exitCode: 130, conclusion: 'cancelled' })
    expect(stepOf(ended, 'Post Run ./')).toMatchObject({ rawOutput: 'post id-1\n', conclusion: 'success' })
  })

  test('A cancel lets a handler finish its work, and the run is cancelled even when it exits with 0.', async () => {
    const { fixture, run } = await startUntilReady({
      main: `process.on('SIGINT', () => setTimeout(() => { console.log('tidied'); process.exit(0) }, 20));${stayAlive}console.log('ready')`,
    })
    const ended = await fixture.runner.cancel(run.id)
    expect(stepOf(ended, 'Run ./')).toMatchObject({
      exitCode: 0,
      conclusion: 'cancelled',
      rawOutput: 'ready\ntidied\n',
    })
  })

  test('A cancel sends SIGTERM when SIGINT is not enough, and then SIGKILL to the whole job.', async () => {
    const { fixture, run } = await startUntilReady({
      waits: { interrupt: 300, terminate: 300 },
      main: `
        for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log(name))
        const child = require('node:child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
        ${stayAlive}console.log('pid', child.pid, 'ready')`,
    })
    const pid = Number(/pid (\d+)/.exec(stepOf(run, 'Run ./').rawOutput)?.[1])
    expect(isAlive(pid)).toBe(true)
    const ended = await fixture.runner.cancel(run.id)
    expect(stepOf(ended, 'Run ./').rawOutput).toMatch(/SIGINT\nSIGTERM\n$/)
    expect(stepOf(ended, 'Run ./').exitCode).toBe(137)
    await until(() => !isAlive(pid))
  })

  test('A cancel skips later steps except those with always() and cancelled().', async () => {
    const { fixture, run } = await startUntilReady({
      main: `${stayAlive}console.log('ready')`,
      workflow: workflowOf(`
- uses: ./
- { id: next, run: 'true' }
- { id: failed, if: failure(), run: 'true' }
- { id: cancelled, if: cancelled(), run: 'true' }
- { id: always, if: always(), run: 'true' }`),
    })
    const ended = await fixture.runner.cancel(run.id)
    const conclusions = ['next', 'failed', 'cancelled', 'always'].map((id) => stepOf(ended, id).conclusion)
    expect(conclusions).toEqual(['skipped', 'skipped', 'success', 'success'])
  })

  test('A cancel lets steps and jobs with always() finish.', async () => {
    const flag = `/tmp/sandbox-runner-flag-${process.pid}`
    rmSync(flag, { force: true })
    const { fixture, run } = await startUntilReady({
      environment: { FLAG: flag },
      workflow: `on:
  repository_dispatch:
jobs:
  a:
    runs-on: x
    steps:
      - { id: tidy, if: always(), run: 'echo ready; until test -e "$FLAG"; do sleep 0.01; done; echo done' }
  b:
    runs-on: x
    needs: a
    if: always()
    steps: [{ id: after, run: 'true' }]
  c:
    runs-on: x
    needs: a
    steps: [{ run: 'true' }]`,
    })
    const ended = fixture.runner.cancel(run.id)
    writeFileSync(flag, '')
    const { conclusion, jobs } = await ended
    rmSync(flag)
    expect(conclusion).toBe('cancelled')
    expect(stepOf(run, 'tidy')).toMatchObject({ rawOutput: 'ready\ndone\n', conclusion: 'success' })
    expect(jobs.map((job) => job.conclusion)).toEqual(['cancelled', 'success', 'cancelled'])
  })
})

describe('A time limit', () => {
  test('A job is cancelled after its timeout-minutes, with an error that says so.', async () => {
    fixture = await startFixture({
      waits: { minute: 20 },
      workflow: workflowOf('- { id: long, run: "exec sleep 100" }').replace(
        'steps:',
        'timeout-minutes: 2\n    steps:',
      ),
    })
    const run = await fixture.run()
    expect(run.conclusion).toBe('cancelled')
    expect(stepOf(run, 'long').conclusion).toBe('cancelled')
    expect(jobOf(run).annotations[0]?.message).toContain('maximum execution time of 2 minutes')
  })

  test('A step fails after its timeout-minutes.', async () => {
    fixture = await startFixture({
      waits: { minute: 20 },
      workflow: workflowOf('- { id: long, run: "exec sleep 100", timeout-minutes: 2 }'),
    })
    const run = await fixture.run()
    expect(run.conclusion).toBe('failure')
    expect(stepOf(run, 'long').annotations[0]?.message).toContain('has timed out after 2 minutes')
  })

  test('A cancelled job that does not end loses its machine.', async () => {
    const { fixture, run } = await startUntilReady({
      waits: { force: 30 },
      workflow: workflowOf('- { id: stubborn, if: always(), run: "echo ready; exec sleep 100" }'),
    })
    expect(await fixture.runner.cancel(run.id)).toMatchObject({ conclusion: 'cancelled' })
  })
})

describe('A machine that dies', () => {
  test('A machine that dies runs no handler and no post and sets no outputs: the job fails and its dependents are skipped.', async () => {
    const { fixture, run } = await startUntilReady({
      main: `${saveState}process.on('SIGINT', () => console.log('never')); process.on('SIGTERM', () => console.log('never'));
        require('node:fs').appendFileSync(process.env.GITHUB_OUTPUT, 'a=b\\n')
        const child = require('node:child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
        ${stayAlive}console.log('pid', child.pid, 'ready')`,
      workflow: `${workflowOf('- uses: ./\n- { if: always(), run: "true" }')}  next: { needs: only, runs-on: x, steps: [{ run: 'true' }] }\n`,
    })
    const pid = Number(/pid (\d+)/.exec(stepOf(run, 'Run ./').rawOutput)?.[1])
    const ended = await fixture.runner.kill(run.id)
    expect(ended.conclusion).toBe('failure')
    expect(jobOf(ended).steps).toHaveLength(2)
    expect(stepOf(ended, 'Run ./')).toMatchObject({ exitCode: 137, outputs: {}, conclusion: 'failure' })
    expect(stepOf(ended, 'Run ./').rawOutput).not.toContain('never')
    expect(jobOf(ended, 'next').conclusion).toBe('skipped')
    await until(() => !isAlive(pid))
  })
})

test('The processes and folders of a job are gone when it has ended.', async () => {
  fixture = await startFixture({
    workflow: workflowOf('- { id: left, run: "sleep 1000 > /dev/null 2>&1 & echo $! $GITHUB_WORKSPACE" }'),
  })
  const [pid, workspace] = stepOf(await fixture.run(), 'left')
    .rawOutput.trim()
    .split(' ')
  await until(() => !isAlive(Number(pid)))
  expect(existsSync(workspace ?? '')).toBe(false)
})

test('A machine that dies in the last step does not run its post either.', async () => {
  const { fixture, run } = await startUntilReady({ main: `${saveState}${stayAlive}console.log('ready')` })
  expect(jobOf(await fixture.runner.kill(run.id)).steps.map(({ name }) => name)).toEqual([
    'Run actions/checkout@v4',
    'Run ./',
  ])
})

test('A process that keeps the output of a finished step open is killed.', async () => {
  fixture = await startFixture({
    waits: { streams: 30 },
    workflow: workflowOf('- { id: left, run: "sleep 1000 & echo $!" }'),
  })
  const run = await fixture.run()
  expect(run.conclusion).toBe('success')
  await until(() => !isAlive(Number(stepOf(run, 'left').rawOutput)))
})

test('Closing the runner ends running, waiting and held runs, and starts no more.', async () => {
  const { fixture, run } = await startUntilReady({
    waits: { interrupt: 30, terminate: 30 },
    main: `process.on('SIGINT', () => {});${stayAlive}console.log('ready')`,
    workflow: `${workflowOf('- uses: ./')}  next: { needs: only, if: always(), runs-on: x, steps: [{ run: 'true' }] }\n  held: { if: always(), environment: e, runs-on: x, steps: [{ run: 'true' }] }\n`,
    approve: () => new Promise(() => {}),
  })
  const cancelled = fixture.runner.cancel(run.id)
  await fixture.runner.close()
  await cancelled
  expect(run.status).toBe('completed')
  expect(run.jobs.slice(1)).toMatchObject([{ steps: [] }, { steps: [] }])
})
