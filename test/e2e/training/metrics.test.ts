import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { claims } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { commentsOn, jobScript, jobsOf, pushModel, runnerScript } from '../stage/trainings.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ runner: { machines: 6 } })
})
afterAll(() => stage.close())

/** A training that prints these lines and pushes its model, with a card where one is given. */
function printing(lines: readonly string[], card?: string): string {
  const shown = (text: string) => `echo ${Buffer.from(text).toString('base64')} | base64 -d`
  const push = card === undefined ? pushModel : `${shown(card)} | ${pushModel} --card`
  return `${shown(`${lines.join('\n')}\n`)}; ${push}`
}

const good = ["{'eval_loss': 0.52, 'epoch': 1.0}"]
const nan = readFileSync('test/cases/nan-second-epoch.log', 'utf8').trim().split('\n')

/** Reported by others: losses turn nan, and the metrics shown stay those of the last good epoch. */
describe('A loss that turns nan', () => {
  test.concurrent.each([
    ['a Job', jobScript],
    ['a command on the runner', runnerScript],
  ])(
    'is not measured: improved is empty, a warning names the epoch, and no older number stands, in %s.',
    async (_where, inputs) => {
      const subject = stage.case()
      const compared = { 'compare-metric': 'eval_loss' }
      await subject.manual(inputs(printing(good), compared))
      subject.commit()
      const run = await subject.manual(inputs(printing(nan), compared))
      expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
      expect(run.outputs).toMatchObject({ improved: '', baseline: '0.52' })
      expect(JSON.parse(run.outputs.metrics ?? '')).toEqual({
        eval_accuracy: 0.5,
        eval_f1_macro: 0.33,
        train_loss: 0.306,
      })
      expect(run.warnings.join()).toContain('eval_loss is nan since epoch 2')
      expect(run.summary).toContain('## ⚠️ `eval_loss` was not measured')
      expect(run.summary).not.toContain('0.4107')
      expect(commentsOn(stage, subject).at(-1)?.raw).toContain('`eval_loss` is nan since epoch 2')

      // The next one has nothing to be compared with, and says so.
      subject.commit()
      const next = await subject.manual(inputs(printing(good), compared))
      expect(next.outputs).toMatchObject({ improved: '', baseline: '' })
      expect(next.summary).toContain('in the last success, `eval_loss` is nan since epoch 2')
      const records = claims(stage, subject.name)
      expect(records.flatMap(({ unmeasured = [] }) => unmeasured.map(({ name }) => name)).sort()).toEqual([
        'eval_loss',
        'grad_norm',
      ])
    },
  )

  test.concurrent('is not measured when only the card of its model says so.', async () => {
    const subject = stage.case()
    const compared = { 'compare-metric': 'eval_loss' }
    await subject.manual(jobScript(printing(good), compared))
    subject.commit()
    const card = '# Model\n\n## Validation Metrics\n\nloss: nan\n'
    const run = await subject.manual(
      jobScript(printing(["{'eval_loss': 0.4, 'epoch': 1.0}"], card), compared),
    )
    expect(run).toMatchObject({ verdict: 'succeeded', outputs: { improved: '', baseline: '0.52' } })
    expect(run.warnings.join()).toContain('eval_loss is nan: not measured')
  })

  test.concurrent('counts again when the best checkpoint is measured at the end.', async () => {
    const subject = stage.case()
    const compared = { 'compare-metric': 'eval_loss' }
    await subject.manual(jobScript(printing(good), compared))
    subject.commit()
    const lines = [...nan, "{'eval_loss': 0.41, 'eval_runtime': 1.1, 'epoch': 2.0}"]
    const run = await subject.manual(jobScript(printing(lines), compared))
    expect(run.outputs).toMatchObject({ improved: 'true', baseline: '0.52' })
    expect(JSON.parse(run.outputs.metrics ?? '')).toMatchObject({ eval_loss: 0.41 })
  })
})

test.concurrent('A metric that does not say which way is better is refused before anything is paid for.', async () => {
  const subject = stage.case()
  const run = await subject.manual(jobScript(pushModel, { 'compare-metric': 'val/AR@100' }))
  expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
  expect(run.reason).toContain('write val/AR@100:max or val/AR@100:min.')
  expect(jobsOf(stage, subject)).toEqual([])
})

test.concurrent('A metric is compared under the name that a library gives it.', async () => {
  const subject = stage.case()
  const line = (value: number) => [`{'metrics/mAP50(B)': ${value}, 'epoch': 1.0}`]
  const compared = { 'compare-metric': 'metrics/mAP50(B)' }
  await subject.manual(jobScript(printing(line(0.6)), compared))
  subject.commit()
  const run = await subject.manual(jobScript(printing(line(0.66)), compared))
  expect(run.outputs).toMatchObject({ improved: 'true', baseline: '0.6' })
})

/** The card of a Trainer, which has no list of metrics but a `model-index`. */
const trainerCard = `---
library_name: transformers
tags:
- generated_from_trainer
model-index:
- name: shapes
  results:
  - task:
      type: image-classification
    dataset:
      name: imagefolder
      type: imagefolder
    metrics:
    - name: Accuracy
      type: accuracy
      value: 0.9375
---
# shapes
`

/** What the Trainer prints: texts of four digits. */
const trainerLog = [
  "{'loss': '0.6427', 'grad_norm': '0.9149', 'learning_rate': '0.004444', 'epoch': '0.5'}",
  "{'eval_loss': '0.7497', 'eval_accuracy': '0.9375', 'eval_runtime': '0.04', 'epoch': '1'}",
]

/** A training that prints these lines and pushes its model with these files. */
function leaving(lines: readonly string[], files: Readonly<Record<string, string>>): string {
  const texts = Buffer.from(JSON.stringify(files)).toString('base64')
  return `${printing(lines)} --files ${texts}`
}

describe('The metrics of a training are those', () => {
  test.concurrent.each<[way: string, command: string, metrics: Record<string, number>]>([
    [
      'that its script reports, before all others',
      leaving([...trainerLog, 'auto-retrain:metrics {"eval_loss": 0.11, "macro_f1": 0.8}'], {
        'all_results.json': '{"eval_loss": 0.74971234}',
        'README.md': trainerCard,
      }),
      { eval_loss: 0.11, macro_f1: 0.8, eval_accuracy: 0.9375, loss: 0.6427 },
    ],
    [
      'in the files of its model, with all their digits',
      leaving(trainerLog, {
        'all_results.json':
          '{"epoch": 1.0, "eval_loss": 0.74971234, "eval_runtime": 0.04, "eval_num_tokens": 99}',
        'metrics.json': '{"eval_loss": 9, "eval_wer": 0.25}',
      }),
      { eval_loss: 0.74971234, eval_wer: 0.25, eval_accuracy: 0.9375, loss: 0.6427 },
    ],
    [
      'in the card of its model, by their type',
      leaving([], { 'README.md': trainerCard }),
      { eval_accuracy: 0.9375 },
    ],
    [
      'in its log, where nothing else says them',
      leaving(trainerLog, {}),
      { eval_loss: 0.7497, eval_accuracy: 0.9375, loss: 0.6427 },
    ],
  ])('%s.', async (_way, command, metrics) => {
    const subject = stage.case()
    const run = await subject.manual(jobScript(command))
    expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(JSON.parse(run.outputs.metrics ?? '')).toEqual(metrics)
  })

  test.concurrent('of its log, with a warning, when a file of its model cannot be read.', async () => {
    const subject = stage.case()
    const run = await subject.manual(jobScript(leaving(trainerLog, { 'all_results.json': '<html>' })))
    expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(JSON.parse(run.outputs.metrics ?? '')).toMatchObject({ eval_loss: 0.7497 })
    expect(run.warnings.join()).toContain('all_results.json of the model is no JSON object')
  })
})
