import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { claimLines, claims } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'
import { jobScript, pushModel } from '../stage/trainings.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ privateRepository: true })
})
afterAll(() => stage.close())

test.concurrent('A discussion on a public dataset names no private base model, no private model, no metrics of it and no money.', async () => {
  const base = 'acme/falcon-v7-unreleased'
  stage.hub.createModel({ name: base, private: true, files: { 'config.json': '{}' } })
  const subject = stage.case({ name: 'falcon-secret', datasetName: 'public-digits' })
  const measured = `echo "{'eval_accuracy': 0.4242, 'epoch': 3.0}"`
  const run = await subject.manual(
    jobScript(`${measured}; ${pushModel} --private`, { 'input-model': base, 'max-cost': '7.77' }),
  )
  expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
  const thread = JSON.stringify(stage.hub.discussions(subject.dataset))
  expect(thread).toContain(subject.head().slice(0, 7))
  for (const secret of ['falcon', '0.4242', '42.42', '7.77', '$']) expect(thread).not.toContain(secret)
})

test.concurrent('A model card of 2 MB of blank lines does not hold up the step.', async () => {
  const subject = stage.case()
  const run = await subject.manual(
    jobScript(`(echo "# A card"; yes "" | head -c 2000000; echo "the end") | ${pushModel} --card`),
  )
  expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
  expect(run.step.durationMs).toBeLessThan(60_000)
})

test.concurrent('20,000 names of metrics neither hold up the step nor swell the record, the outputs or the thread.', async () => {
  const subject = stage.case()
  const names = `seq 1 20000 | sed "s/.*/'eval_metric_&': 0.5,/" | tr -d '\\n'`
  const run = await subject.manual(jobScript(`printf "{"; ${names}; echo "'epoch': 1.0}"; ${pushModel}`))
  expect(run).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
  expect(run.step.durationMs).toBeLessThan(60_000)
  const [line] = claimLines(stage, subject.name)
  expect(line?.message.length).toBeLessThan(30_000)
  expect(run.outputs.results?.length).toBeLessThan(30_000)
  expect(run.summary.length).toBeLessThan(200_000)
  expect(claims(stage, subject.name)).toMatchObject([{ state: 'succeeded' }])
})
