import { downloadFile, listFiles } from '@huggingface/hub'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from '../stage/action-run.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { findSecrets } from '../stage/text/secret-forms.ts'
import { jobScript, jobsOf, modelFile, pushModel } from '../stage/trainings.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ runner: { machines: 8 } })
})
afterAll(() => stage.close())

/** Trains and measures what the environment says. */
const command = (metrics: string) => `${pushModel} && echo 'auto-retrain:metrics ${metrics}'`
const stableOf = ({ name }: Case) => `${names.org}/${name}-best`
const train = (subject: Case, accuracy: number, more: Record<string, string> = {}): Promise<ActionRun> =>
  subject.manual(
    jobScript(command(`{"eval_accuracy": ${accuracy}}`), {
      'publish-to': stableOf(subject),
      'compare-metric': 'eval_accuracy',
      ...more,
    }),
  )
const weights = (subject: Case) => modelFile(stage, stableOf(subject), 'model.safetensors')

/** The files of a revision of the stable model, as the official client reads them. */
async function loadedBy(subject: Case, revision: string): Promise<Record<string, string | undefined>> {
  const access = {
    repo: { type: 'model', name: stableOf(subject) },
    revision,
    hubUrl: stage.hub.url,
    accessToken: names.hubToken,
  } as const
  const files: Record<string, string | undefined> = {}
  for await (const { path } of listFiles({ ...access, recursive: true }))
    files[path] = await (await downloadFile({ ...access, path }))?.text()
  return files
}

const headOf = (subject: Case) => stage.hub.repository(stableOf(subject), 'model').refs.get('refs/heads/main')

describe('publish-to', () => {
  test.concurrent('A better model becomes the one that people load, a worse one is held, a tag loads the one before, and a person goes back.', async () => {
    const subject = stage.case()
    const stable = stableOf(subject)
    const first = await train(subject, 0.8)
    expect(first).toMatchObject({
      verdict: 'succeeded',
      outputs: { published: 'true', 'published-model': stable, 'published-revision': headOf(subject) },
    })
    const firstRevision = subject.head().slice(0, 7)
    const old = await weights(subject)
    expect(old).toBe(`weights of ${first.outputs.model}`)
    subject.commit()
    const better = await train(subject, 0.9)
    expect(better.outputs).toMatchObject({ published: 'true', improved: 'true', baseline: '0.8' })
    expect(await weights(subject)).toBe(`weights of ${better.outputs.model}`)
    const tagged = await loadedBy(subject, `data-${firstRevision}`)
    expect(Object.keys(tagged)).toEqual(['.gitattributes', 'README.md', 'config.json', 'model.safetensors'])
    expect(tagged).toMatchObject({
      'model.safetensors': old,
      'README.md': expect.stringContaining(`revision="data-${firstRevision}"`),
    })
    expect(await loadedBy(subject, `data-${subject.head().slice(0, 7)}`)).toEqual(
      await loadedBy(subject, 'main'),
    )
    subject.commit()
    const worse = await train(subject, 0.7)
    expect(worse).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(worse.outputs).toMatchObject({ published: 'false', improved: 'false', baseline: '0.9' })
    expect(worse.outputs['published-revision']).toBe(better.outputs['published-revision'])
    const jobs = jobsOf(stage, subject).length
    const back = await train(subject, 0, { 'publish-revision': firstRevision })
    expect(back).toMatchObject({ verdict: 'skipped', exitCode: 0, outputs: { published: 'true' } })
    expect(await weights(subject)).toBe(old)
    expect(jobsOf(stage, subject)).toHaveLength(jobs)
    expect(await modelFile(stage, stable, 'README.md')).toContain('auto-retrain: begin')
    for (const run of [first, better, worse, back])
      expect(findSecrets(run.summary, { token: names.hubToken })).toEqual([])
  })

  test.concurrent('A training finds what is published, and starts from it where the recipe says so.', async () => {
    const subject = stage.case()
    const stable = stableOf(subject)
    const first = await train(subject, 0.8)
    subject.commit()
    const echo = 'echo "published $AUTO_RETRAIN_PUBLISHED_MODEL at $AUTO_RETRAIN_PUBLISHED_REVISION"'
    const base = 'echo "from $AUTO_RETRAIN_BASE_MODEL at $AUTO_RETRAIN_BASE_REVISION"'
    const metrics = '{"eval_accuracy": 0.75, "published_eval_accuracy": 0.7}'
    const second = await subject.manual(
      jobScript(`${echo}; ${base}; ${command(metrics)}`, {
        'publish-to': stable,
        'compare-metric': 'eval_accuracy',
        'start-from': 'published',
      }),
    )
    const log = second.step.log.join('\n')
    expect(log).toContain(`published ${stable} at ${first.outputs['published-revision']}`)
    expect(log).toContain(`from ${first.outputs.model} at `)
    expect(second.outputs).toMatchObject({ published: 'true', improved: 'true', baseline: '0.7' })
  })

  test.concurrent('With wait: false the next check publishes, and its outputs say so.', async () => {
    const subject = stage.case()
    const started = await train(subject, 0.8, { wait: 'false' })
    expect(started).toMatchObject({
      verdict: 'started',
      outputs: { published: '', 'published-revision': '' },
    })
    await stage.hub.jobs.settled()
    const next = await train(subject, 0.8, { wait: 'false' })
    expect(next).toMatchObject({ verdict: 'skipped', outputs: { published: 'true' } })
    expect(await weights(subject)).toBe(`weights of ${started.outputs.model}`)
  })

  test.concurrent('Re-run jobs of a run that published says so again, so that the jobs after it run.', async () => {
    const subject = stage.case()
    const first = await train(subject, 0.8)
    const again = await subject.rerun(first)
    expect(again).toMatchObject({ verdict: 'succeeded', outputs: { published: 'true' } })
    expect(again.outputs['published-revision']).toBe(first.outputs['published-revision'])
  })

  test.concurrent('A timer ignores publish-revision with a warning, and trains.', async () => {
    const subject = stage.case()
    subject.workflow(jobScript(command('{}'), { 'publish-revision': '1d55c3a' }))
    const ended = await subject.schedule()
    expect(ended).toMatchObject({ verdict: 'succeeded', exitCode: 0 })
    expect(ended.warnings).toEqual([
      expect.stringMatching(/^publish-revision is ignored: it counts only when a person/),
    ])
  })

  test.concurrent.each([
    [
      'publish-to without a model',
      { 'publish-to': 'acme/x', 'expect-model': 'false' },
      /^publish-to: it needs a model/,
    ],
    ['publish-over without publish-to', { 'publish-over': 'true' }, /^publish-over: it needs publish-to/],
    ['start-from without publish-to', { 'start-from': 'published' }, /^start-from: it needs publish-to/],
  ])('%s is refused in a sentence.', async (_what, inputs, sentence) => {
    const subject = stage.case()
    subject.workflow(jobScript(command('{}'), inputs))
    const ended = await subject.schedule()
    expect(ended).toMatchObject({ verdict: 'refused', exitCode: 1, reason: expect.stringMatching(sentence) })
  })
})
