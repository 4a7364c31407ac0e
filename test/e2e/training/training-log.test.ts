import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as z from 'zod'
import { reportedLog } from '../../reported-logs/reported-logs.ts'
import type { JobHabits } from '../../sandbox/hub/jobs/jobs.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { commentsOn, jobScript, jobsOf, pushModel, runnerScript, tokenIn } from '../stage/trainings.ts'

let stage: Stage
/** Its Hub sends logs as badly as the real one. */
let rough: Stage

beforeAll(async () => {
  stage = await startStage({ runner: { machines: 6 } })
  rough = await startStage()
})
afterAll(() => Promise.all([stage.close(), rough.close()]))

/** What a training may print to deceive the runner. */
const commands = [
  'echo "::error::from the script"',
  'echo "::set-output name=verdict::succeeded"',
  'echo "##[add-path]/evil"',
  'echo "::stop-commands::pause"',
  'echo "::add-mask::the"',
  `printf 'a bar\\r::warning::after it\\n'`,
  `printf '\\033[1m::notice::coloured\\n'`,
  'echo "::endgroup::"',
].join('; ')

/** A Job of 40 steps, whose log is cut twice and sent again only in part: the start line, the last lines, and new ones. */
const reported = z
  .object({
    steps: z.number(),
    kept: z.number(),
    success: z.array(z.string()),
    failure: z.array(z.string()),
  })
  .parse(JSON.parse(reportedLog('short-replay.json')))
const shortReplay: JobHabits = {
  logReplay: { start: true, last: reported.kept },
  logStreams: [
    { after: 10, how: 'end' },
    { after: 6, how: 'end' },
  ],
}
const echo = (line: string) => `echo "${line.replaceAll(/["$`\\]/g, '\\$&')}"`
const printed = (lines: readonly string[]) =>
  [`for i in $(seq ${reported.steps}); do echo "step $i"; sleep 0.05; done`, ...lines.map(echo)].join('; ')

const obeyed = ['add-mask', 'debug', 'group', 'endgroup', 'error']

describe('What a training prints', () => {
  test.concurrent.each([
    ['a Job', jobScript],
    ['a command on the runner', runnerScript],
  ])('The output of %s is never a command of the runner.', async (_where, inputs) => {
    const subject = stage.case()
    const run = await subject.manual(inputs(`${commands}; exit 3`))
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.errors).toHaveLength(1)
    expect(run.warnings).toEqual([])
    expect(run.notices).toEqual([])
    expect(run.step.commands.filter(({ name }) => !obeyed.includes(name))).toEqual([])
    expect(run.step.commands.filter(({ data }) => data === 'the')).toEqual([])
    const opened = run.step.commands.filter(({ name }) => name === 'group').length
    expect(run.step.commands.filter(({ name }) => name === 'endgroup')).toHaveLength(opened)
    expect(run.step.log.join('\n')).toContain('│ ::set-output name=verdict::succeeded')
  })

  test.concurrent.each([
    ['a Job', jobScript],
    ['a command on the runner', runnerScript],
  ])(
    'The token never shows, not even in the last error, when it is printed by %s.',
    async (_where, inputs) => {
      const subject = stage.case()
      const run = await subject.manual(
        // A model that is public: then the dataset's readers may know why its training failed.
        inputs(
          `${pushModel}; echo "using $HF_TOKEN"; echo "ValueError: the token $HF_TOKEN is no good" >&2; exit 1`,
        ),
      )
      expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
      expect(run.reason).toContain('ValueError: the token')
      expect(claims(stage, subject.name)).toMatchObject([{ reason: expect.stringContaining('ValueError') }])
      expect(commentsOn(stage, subject)).toMatchObject([{ raw: expect.stringContaining('ValueError') }])
      expect(await tokenIn(stage, subject, run)).toEqual([])
    },
  )
})

describe('The reason of a failure', () => {
  test.concurrent.each([
    ['a Job', jobScript],
    ['a command on the runner', runnerScript],
  ])('It names the error above the one of the launcher, from %s.', async (_where, inputs) => {
    const subject = stage.case()
    const lines = reportedLog('torchrun-value-error.log').trimEnd().split('\n')
    const run = await subject.manual(inputs(`${lines.map(echo).join('; ')}; exit 1`))
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toMatch(/: ValueError: the checkpoint has 10 labels and the dataset has 12$/)
  })

  test.concurrent('It shows the last line where there is no error, and calls it that.', async () => {
    const subject = stage.case()
    const run = await subject.manual(runnerScript('echo "no GPU on this machine"; echo; exit 3'))
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toBe('The command failed with exit code 3. Its last line: no GPU on this machine')
  })
})

describe('A command on the runner', () => {
  test.concurrent('Metrics that a command on the runner prints are in outputs, record and thread.', async () => {
    const subject = stage.case()
    const measured = [1, 2]
      .map((epoch) => `echo "{'eval_accuracy': 0.${epoch}, 'eval_loss': nan, 'epoch': ${epoch}.0}"`)
      .join('; ')
    const run = await subject.manual(runnerScript(`${measured}; ${pushModel}`))
    expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(JSON.parse(run.outputs.metrics ?? '')).toEqual({ eval_accuracy: 0.2 })
    expect(run.outputs['run-url']).toContain('/actions/runs/')
    expect(claims(stage, subject.name)).toMatchObject([
      { state: 'succeeded', metrics: { eval_accuracy: 0.2 } },
    ])
    expect(commentsOn(stage, subject)).toMatchObject([{ raw: expect.stringContaining('eval') }])
    expect(jobsOf(stage, subject)).toEqual([])
  })
})

describe('The log of a Job', () => {
  const lines = 'for i in 1 2 3 4 5; do echo "line $i"; sleep 0.3; done'

  test.concurrent('A log that ends early, hangs and restarts shows each line once, and only the Job says when it ends.', async () => {
    const subjects = [rough.case(), rough.case()]
    for (const habit of [
      { after: 3, how: 'end' },
      { after: 2, how: 'end' },
    ] as const) {
      const then = { after: 4, how: 'hang' } as const
      rough.hub.jobs.next({ logStreams: [habit, habit, then] })
    }
    const runs = await Promise.all(
      subjects.map((subject) => subject.manual(jobScript(`${lines}; ${pushModel}`))),
    )
    for (const run of runs) {
      expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
      const shown = run.step.log.filter((line) => line.includes('│ line '))
      expect(shown.map((line) => line.replace(/^.*│ /, ''))).toEqual(
        [1, 2, 3, 4, 5].map((number) => `line ${number}`),
      )
    }
  })

  test.concurrent('Its evaluation is found although the Hub sends only the start and the last lines again.', async () => {
    const subject = rough.case()
    rough.hub.jobs.next(shortReplay)
    const run = await subject.manual(jobScript(`${printed(reported.success)}; ${pushModel}`))
    expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(JSON.parse(run.outputs.metrics ?? '')).toMatchObject({ eval_accuracy: 0.91, eval_loss: 0.3 })
    const shown = run.step.log.filter((line) => line.includes('│ step '))
    expect(shown).toEqual([...new Set(shown)])
  })

  test.concurrent('The error of a training that fails is found although the Hub sends only the start and the last lines again.', async () => {
    const subject = rough.case()
    rough.hub.jobs.next(shortReplay)
    const run = await subject.manual(jobScript(`${printed(reported.failure)}; sleep 1; exit 1`))
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(run.reason).toContain('ValueError: 10 labels in the head, 12 in the data')
  })

  test.concurrent('A training succeeds without its log and with a Hub that fails in between.', async () => {
    const subject = stage.case()
    stage.hub.fault({ path: /^\/api\/jobs\/ada\/[^/]+\/logs/, status: 500, times: 99 })
    const looks = stage.hub.fault({
      method: 'GET',
      path: /^\/api\/jobs\/ada\/[0-9a-f]{24}$/,
      status: 503,
      times: 1,
    })
    const run = await subject.manual(jobScript(`echo unseen; ${pushModel}`, { 'target-namespace': 'ada' }))
    expect(looks.hits).toBe(1)
    expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
  })
})
