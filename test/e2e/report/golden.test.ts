import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { digitFiles } from '../../demo/digits.ts'
import { compareWithGolden } from '../../report/golden.ts'
import { type ActionRun, actionRun } from '../stage/action-run.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { stableText } from '../stage/text/stable-text.ts'
import { modelFile } from '../stage/trainings.ts'
import { until } from '../stage/until.ts'

// `npm run golden` writes the files anew; then look at what changed, and draw them by `npm run test:browser`.
const update = process.env.UPDATE_GOLDEN === '1'
const folder = fileURLToPath(new URL('../../report/golden', import.meta.url))

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

const job = (command: string) => ({ trainer: 'job', image: 'python:3.12', command, discussion: 'thread' })

const digitsOf = (options: Parameters<typeof digitFiles>[0]) =>
  digitFiles(options) as unknown as Record<string, string>

/** What people read of a run: the summary, the discussion's posts, the model's card where there is a model. */
async function read(subject: Case, run: ActionRun): Promise<string> {
  const posts = stage.hub
    .discussions(subject.dataset)
    .flatMap(({ title, events }) => [
      `# ${title}`,
      ...events.flatMap((event) => (event.type === 'comment' ? [event.raw] : [])),
    ])
  const card = await modelFile(stage, run.outputs.model ?? '', 'README.md')
  const shown = card === null ? [] : [`\`\`\`yaml\n${card.trim().replace(/\n---\n/, '\n---\n```\n')}`]
  const text = [run.summary, ...posts, ...shown].join('\n\n<!-- next -->\n\n')
  return `${stableText(text, stage).trim()}\n`
}

function expectGolden(name: string, text: string): void {
  expect(text).not.toContain('127.0.0.1')
  const changed = compareWithGolden({ [`${name}.md`]: text }, { folder, update })
  if (!update && changed.length > 0) expect(text).toBe(readFileSync(join(folder, `${name}.md`), 'utf8'))
}

test('The reports of a first and a second successful training match their golden files.', async () => {
  const subject = stage.case({ name: 'numbers', files: digitsOf({ from: 0, perDigit: 8 }) })
  const inputs = { trainer: 'autotrain', discussion: 'thread', 'compare-metric': 'eval_accuracy' }
  const first = await subject.manual(inputs)
  expect(first).toMatchObject({ verdict: 'succeeded' })
  expectGolden('succeeded-first', await read(subject, first))
  const oldSha = subject.head()
  subject.commit(digitsOf({ from: 8, perDigit: 12 }))
  const second = await subject.dispatch({ id: 'delivery-2', oldSha })
  expect(second).toMatchObject({ verdict: 'succeeded' })
  expectGolden('succeeded', await read(subject, second))
})

test('The report of a failed training matches its golden file, with the likely cause.', async () => {
  const subject = stage.case({ name: 'failing' })
  const error = 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.13 GiB.'
  const run = await subject.manual(job(`echo "Loading the data"; echo "${error}" >&2; exit 1`))
  expect(run).toMatchObject({ verdict: 'failed' })
  expectGolden('failed', await read(subject, run))
})

test('The report of an AutoTrain training that failed on a broken image matches its golden file.', async () => {
  const files = { ...digitsOf({ from: 0, perDigit: 1 }), 'train/3/broken.png': 'Not Found' }
  const subject = stage.case({ name: 'broken', files })
  const run = await subject.manual({ trainer: 'autotrain', discussion: 'thread' })
  expect(run).toMatchObject({ verdict: 'failed' })
  expectGolden('failed-autotrain', await read(subject, run))
})

test('The report of a cancelled training matches its golden file, with its cost and output so far.', async () => {
  const subject = stage.case({ name: 'cancelled' })
  subject.workflow(job('echo begun; sleep 100'))
  const { id } = await stage.runner.manual('cancelled.yml')
  await until(() =>
    stage.hub.jobs.all.some(({ labels, stage: now }) => {
      return String(labels?.name).startsWith('cancelled-') && now === 'RUNNING'
    }),
  )
  await until(() => stage.hub.discussions(subject.dataset)[0]?.events.length === 2)
  const log = () => stage.runner.runs.find((run) => run.id === id)?.jobs[0]?.steps.flatMap((step) => step.log)
  await until(() => ['│ begun', ' so far'].every((said) => log()?.some((line) => line.endsWith(said))))
  const run = actionRun(await stage.runner.cancel(id))
  expect(run).toMatchObject({ verdict: 'cancelled' })
  expectGolden('cancelled', await read(subject, run))
})

test.each([
  ['started', { ...job('echo over'), wait: 'false' }, 'started'],
  ['review', {}, 'started'],
  ['planned', { ...job('echo over'), 'dry-run': 'true' }, 'planned'],
  ['refused', { ...job('echo over'), 'max-cost': '0.10' }, 'refused'],
])('The report of a run that ends %s matches its golden file.', async (name, inputs, verdict) => {
  const subject = stage.case({ name })
  const run = await subject.manual(inputs)
  expect(run).toMatchObject({ verdict })
  expectGolden(name, await read(subject, run))
})

test('The report of a run that ends skipped matches its golden file.', async () => {
  const subject = stage.case({ name: 'skipped' })
  expect(await subject.manual(job('echo over'))).toMatchObject({ verdict: 'failed' })
  const run = await subject.dispatch({ id: 'delivery-2' })
  expect(run).toMatchObject({ verdict: 'skipped' })
  // In a sentence a URL has an invisible character, so that it is no link.
  const text = (await read(subject, run)).replaceAll(
    /http:\u2060\/\/127\.0\.0\.1:\d+/g,
    'https:\u2060//huggingface.co',
  )
  expectGolden('skipped', text)
})
