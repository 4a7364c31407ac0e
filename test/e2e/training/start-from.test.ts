import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { digitFiles } from '../../demo/digits.ts'
import { standInUv } from '../../sandbox/uv/stand-in.ts'
import { names } from '../../sandbox/world.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { jobScript, jobsOf, pushModel, runnerScript } from '../stage/trainings.ts'

const shown =
  'echo "base [$AUTO_RETRAIN_BASE_MODEL][$AUTO_RETRAIN_BASE_REVISION] published ' +
  '[$AUTO_RETRAIN_PUBLISHED_MODEL][$AUTO_RETRAIN_PUBLISHED_REVISION]"'
const nothing = `base [${names.model}][] published [][]`
const script = ['# /// script', '# dependencies = ["pandas==2.3.0"]', '# ///', '# stand-in: sh'].join('\n')

let stage: Stage

beforeAll(async () => {
  stage = await startStage({
    code: { 'train.py': `${script}\n${shown}; ${pushModel}\n` },
    hub: { jobs: { uvPath: standInUv } },
    runner: { machines: 4 },
  })
})
afterAll(() => stage.close())

const publishing = (name: string) => ({
  'publish-to': `${names.org}/${name}`,
  'start-from': 'published',
  discussion: 'off',
})
/** What the record of a training says that starts from input-model while nothing is published. */
const cold = { publishedThen: null, startedFrom: null, warmStarts: 0 }

describe('start-from: published while nothing is published yet', () => {
  test.concurrent('A script starts from input-model, and options for what is published are left out.', async () => {
    const subject = stage.case()
    const run = await subject.manual({
      ...publishing('first-script'),
      trainer: 'script',
      script: 'train.py',
      'script-args': [
        '--base={base-model}',
        '--base_revision={base-revision}',
        '--old={published-model}',
        '--old_revision={published-revision}',
      ].join('\n'),
    })
    expect(run).toMatchObject({ verdict: 'succeeded', errors: [] })
    const [job] = jobsOf(stage, subject)
    expect(job?.spec.command).toEqual(['uv', 'run', '/code/train.py', `--base=${names.model}`])
    expect(run.step.log.join('\n')).toContain(nothing)
    expect(run.step.log.join('\n')).toContain('Starts from input-model: nothing is published yet.')
    expect(run.summary).toContain('nothing is published yet')
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'succeeded', ...cold }])
  })

  test.concurrent('AutoTrain fine-tunes input-model.', async () => {
    const files = Object.entries(digitFiles({ from: 0, perDigit: 6 })).map(([path, png]) => [path, png])
    const subject = stage.case({ files: Object.fromEntries(files) })
    const run = await subject.manual({ ...publishing('first-autotrain'), trainer: 'autotrain' })
    expect(run).toMatchObject({ verdict: 'succeeded', errors: [] })
    const [job] = jobsOf(stage, subject)
    expect(parse(job?.spec.environment?.AUTO_RETRAIN_CONFIG ?? '')).toMatchObject({ base_model: names.model })
    expect(job?.spec.environment).toMatchObject({
      AUTO_RETRAIN_BASE_REVISION: '',
      AUTO_RETRAIN_PUBLISHED_MODEL: '',
      AUTO_RETRAIN_PUBLISHED_REVISION: '',
    })
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'succeeded', ...cold }])
  })

  test.concurrent('A dry run says what it would start from, and writes no record.', async () => {
    const subject = stage.case()
    const inputs = jobScript(pushModel, { ...publishing('first-plan'), 'expect-model': 'true' })
    const run = await subject.manual({ ...inputs, 'dry-run': 'true' })
    expect(run).toMatchObject({ verdict: 'planned' })
    expect(run.summary).toContain('There is a model to start from')
    expect(claims(stage, subject.name)).toEqual([])
  })
})

describe('The variables of a training about what it starts from and what is published', () => {
  test.concurrent('They are there and empty in a Job of a recipe that publishes nothing.', async () => {
    const subject = stage.case()
    const run = await subject.manual(jobScript(shown))
    expect(run.step.log.join('\n')).toContain(nothing)
    expect(claims(stage, subject.name)[0]).not.toHaveProperty('startedFrom')
  })

  test.concurrent('They are there and empty for a command on the runner.', async () => {
    const subject = stage.case()
    const run = await subject.manual(runnerScript(shown, { 'expect-model': 'false' }))
    expect(run).toMatchObject({ verdict: 'succeeded' })
    expect(run.step.log.join('\n')).toContain(nothing)
  })
})

test.concurrent('A metric of the published model that a training prints keeps its name in the outputs and in the record.', async () => {
  const subject = stage.case()
  const measured = { eval_accuracy: 0.9375, published_eval_accuracy: 0.90625 }
  const run = await subject.manual(jobScript(`echo 'auto-retrain:metrics ${JSON.stringify(measured)}'`))
  expect(JSON.parse(run.outputs.metrics ?? '')).toEqual(measured)
  expect(claims(stage, subject.name)).toMatchObject([{ metrics: measured }])
})
