import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { digitFiles } from '../../demo/digits.ts'
import { gitStore } from '../../sandbox/github/git-store.ts'
import type { RunResult } from '../../sandbox/runner/step/results.ts'
import { names, startWorld, type World } from '../../sandbox/world.ts'
import { checkEnvelopeFor, envelopeFor } from '../stage/dispatches.ts'
import { pushModel } from '../stage/trainings.ts'
import { until } from '../stage/until.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const files = digitFiles({ from: 0, perDigit: 6 })

/** The example, with an echo in place of the calls to endpoints and Spaces, which the sandbox has not. */
const deploys = readFileSync(`${root}examples/deploy-published.yml`, 'utf8').replaceAll(
  /run: \|\n(?: {10}.*\n)+/g,
  'run: echo "deploying $REVISION"\n',
)

/** The same, with a step that sets these outputs in place of the training. */
const deploysAfter = (outputs: Readonly<Record<string, string>>) =>
  deploys.replace(
    /uses: OWNER\/auto-retrain.*\n(?: {8,}.*\n)+/,
    `run: |\n${Object.entries(outputs)
      .map(([name, value]) => `          echo "${name}=${value}" >> "$GITHUB_OUTPUT"\n`)
      .join('')}`,
  )

const actionOutputs = (run: RunResult, job: string) =>
  run.jobs.find(({ id }) => id === job)?.steps.find(({ outputs }) => outputs.verdict)?.outputs
/** The messages of all annotations. */
const warningsOf = (run: RunResult) =>
  run.jobs.flatMap(({ steps }) =>
    steps.flatMap(({ annotations }) => annotations.map(({ message }) => message)),
  )
const headOf = (world: World) => world.hub.repository(names.dataset).refs.get('refs/heads/main') ?? ''

describe('The main example', () => {
  let world: World

  beforeAll(async () => {
    world = await startWorld({ files })
  })
  afterAll(() => world.close())

  const ended = async (run: Promise<RunResult>) => {
    const result = await world.runner.finished((await run).id)
    return { name: result.name, outputs: actionOutputs(result, 'retrain') }
  }
  const byHand = (inputs?: Record<string, string | boolean>) =>
    ended(world.runner.manual('retrain.yml', inputs))

  test('A dry run by hand only plans.', async () => {
    const { outputs } = await byHand({ 'dry-run': true })
    expect(outputs).toMatchObject({ verdict: 'planned', model: expect.stringMatching(/^acme\/digits-/) })
    expect(world.hub.jobs.all).toHaveLength(0)
  })

  test('An event trains its revision, and the run is named after the delivery.', async () => {
    const sha = headOf(world)
    const envelope = await envelopeFor({ dataset: names.dataset, sha, id: 'msg_example' })
    const [run] = await world.runner.dispatch('hub-webhook', { ...envelope })
    if (run === undefined) throw new Error('The event started no run.')
    const { name, outputs } = await ended(Promise.resolve(run))
    expect(name).toBe('Retrain (msg_example)')
    expect(outputs).toMatchObject({ verdict: 'succeeded', revision: sha })
  })

  test('The schedule skips what was trained, and trains a new commit.', async () => {
    const { name, outputs } = await ended(world.runner.schedule('retrain.yml'))
    expect(name).toBe('Retrain (schedule)')
    expect(outputs).toMatchObject({ verdict: 'skipped' })
    const { sha } = world.hub.commit(names.dataset, { files: digitFiles({ from: 6, perDigit: 1 }) })
    expect(await ended(world.runner.schedule('retrain.yml'))).toMatchObject({
      outputs: { verdict: 'succeeded', revision: sha },
    })
  })

  test("The relay's own check trains a commit that no webhook reported; doubled, it trains once.", async () => {
    const { sha } = world.hub.commit(names.dataset, { files: digitFiles({ from: 8, perDigit: 1 }) })
    const jobs = world.hub.jobs.all.length
    const envelope = await checkEnvelopeFor({ dataset: names.dataset, sha })
    const begun = [
      ...(await world.runner.dispatch('hub-webhook', { ...envelope })),
      ...(await world.runner.dispatch('hub-webhook', { ...envelope })),
    ]
    const runs = await Promise.all(begun.map((run) => ended(Promise.resolve(run))))
    expect(runs.map(({ name }) => name)).toEqual([`Retrain (${envelope.id})`, `Retrain (${envelope.id})`])
    expect(runs.map(({ outputs }) => outputs?.verdict)).toEqual(['succeeded', 'skipped'])
    expect(runs[0]?.outputs).toMatchObject({ revision: sha })
    expect(world.hub.jobs.all).toHaveLength(jobs + 1)
  })

  test('A person can choose an older revision, and can force it to be trained again.', async () => {
    const revision = headOf(world)
    world.hub.commit(names.dataset, { files: digitFiles({ from: 7, perDigit: 1 }) })
    const jobs = world.hub.jobs.all.length
    expect((await byHand({ revision })).outputs).toMatchObject({ verdict: 'skipped', revision })
    expect(world.hub.jobs.all).toHaveLength(jobs)
    expect((await byHand({ revision, force: true })).outputs).toMatchObject({
      verdict: 'succeeded',
      revision,
    })
    expect(world.hub.jobs.all).toHaveLength(jobs + 1)
  })
})

describe('The concurrency groups of the main example', () => {
  let world: World

  beforeAll(async () => {
    // Without a machine, the first run of each group holds its place and the others wait.
    world = await startWorld({ runner: { machines: 0 } })
  })
  afterAll(() => world.close())

  test('Events and runs by hand all wait; of the checks by schedule and reconcile, only the newest.', async () => {
    const { runner } = world
    const event = (id: string) => runner.dispatch('hub-webhook', { id, dataset: names.dataset })
    const steps = [
      () => event('msg_1'),
      () => runner.manual('retrain.yml'),
      () => event('msg_2'),
      () => runner.manual('retrain.yml', { revision: 'main' }),
      () => runner.schedule('retrain.yml'),
      () => runner.schedule('retrain.yml'),
      () => event('rec_0123456789abcdef0123456789abcdef'),
    ]
    for (const [index, start] of steps.entries()) {
      await start()
      await until(() => ['queued', 'pending'].includes(runner.runs[index]?.status ?? ''))
    }
    await until(() => runner.runs[5]?.status === 'completed')
    expect(runner.runs.map(({ name, status, conclusion }) => `${name}: ${conclusion ?? status}`)).toEqual([
      'Retrain (msg_1): queued',
      'Retrain (workflow_dispatch): pending',
      'Retrain (msg_2): pending',
      'Retrain (workflow_dispatch): pending',
      'Retrain (schedule): queued',
      'Retrain (schedule): cancelled',
      'Retrain (rec_0123456789abcdef0123456789abcdef): pending',
    ])
  })
})

describe('Checks of the relay in the main example', () => {
  test('The newest waits for the one that runs, and those between are cancelled: it finds what they would.', async () => {
    const { runner, close } = await startWorld({ runner: { machines: 0 } })
    const idOf = (n: number) => `rec_${String(n).repeat(32)}`
    for (const [index, n] of [1, 2, 3].entries()) {
      await runner.dispatch('hub-webhook', { id: idOf(n), dataset: names.dataset })
      await until(() => ['queued', 'pending'].includes(runner.runs[index]?.status ?? ''))
    }
    await until(() => runner.runs[1]?.status === 'completed')
    const ends = runner.runs.map(({ name, status, conclusion }) => `${name}: ${conclusion ?? status}`)
    await close()
    expect(ends).toEqual([
      `Retrain (${idOf(1)}): queued`,
      `Retrain (${idOf(2)}): cancelled`,
      `Retrain (${idOf(3)}): pending`,
    ])
  })
})

describe('The example with an approval', () => {
  let world: World
  let approve: (answer: boolean) => void
  const asked: unknown[] = []

  beforeAll(async () => {
    world = await startWorld({
      files,
      runner: {
        approve: (request) => {
          asked.push(request)
          return new Promise((resolve) => {
            approve = resolve
          })
        },
      },
    })
  })
  afterAll(() => world.close())

  test('plans, waits for a person, and trains what was approved, also when there is a newer commit.', async () => {
    const approved = headOf(world)
    const { id } = await world.runner.manual('retrain-with-approval.yml')
    await until(() => asked.length === 1)
    expect(world.hub.jobs.all).toHaveLength(0)
    world.hub.commit(names.dataset, { files: digitFiles({ from: 6, perDigit: 1 }) })
    approve(true)
    const run = await world.runner.finished(id)
    expect(actionOutputs(run, 'plan')).toMatchObject({ verdict: 'planned', revision: approved })
    expect(actionOutputs(run, 'train')).toMatchObject({ verdict: 'succeeded', revision: approved })
    expect(world.hub.jobs.all).toMatchObject([{ spec: { volumes: [{ revision: approved }] } }])
  })

  test("plans for the relay's own check too, and notes that its commit waits for a person.", async () => {
    const { sha } = world.hub.commit(names.dataset, { files: digitFiles({ from: 9, perDigit: 1 }) })
    const before = asked.length
    const [begun] = await world.runner.dispatch('hub-webhook-with-approval', {
      ...(await checkEnvelopeFor({ dataset: names.dataset, sha })),
    })
    if (begun === undefined) throw new Error('The check started no run.')
    await until(() => asked.length === before + 1)
    const { refs, tags } = gitStore(world.github.repositories[0]!)
    const entries = [...refs].flatMap(([ref, object]) =>
      ref.includes('/seen/') ? [JSON.parse(tags.get(object)?.message ?? 'null')] : [],
    )
    expect(entries).toMatchObject([{ revision: sha, verdict: 'planned', again: expect.any(String) }])
    approve(true)
    const run = await world.runner.finished(begun.id)
    expect(actionOutputs(run, 'plan')).toMatchObject({ verdict: 'planned', revision: sha })
    expect(warningsOf(run)).toEqual([])
    expect(actionOutputs(run, 'train')).toMatchObject({ verdict: 'succeeded', revision: sha })
  })

  test('asks no one when another example has trained the revision.', async () => {
    const before = asked.length
    await world.runner.manual('retrain.yml').then(({ id }) => world.runner.finished(id))
    const { id } = await world.runner.manual('retrain-with-approval.yml')
    const run = await world.runner.finished(id)
    expect(actionOutputs(run, 'plan')).toMatchObject({ verdict: 'skipped' })
    expect(asked).toHaveLength(before)
  })
})

describe('The example that deploys', () => {
  const published = { published: 'true', 'published-revision': 'c'.repeat(40) }
  let world: World

  beforeAll(async () => {
    world = await startWorld({
      files,
      runner: {
        workflows: {
          'published.yml': deploysAfter(published),
          'held.yml': deploysAfter({ ...published, published: 'false' }),
          'due.yml': deploysAfter({ ...published, published: '' }),
        },
      },
    })
  })
  afterAll(() => world.close())

  const deployed = async (workflow: string) => {
    const run = await world.runner.finished((await world.runner.schedule(workflow)).id)
    const jobs = run.jobs.filter(({ id }) => id !== 'retrain')
    return {
      conclusions: jobs.map(({ id, conclusion }) => `${id}: ${conclusion}`),
      log: jobs.flatMap(({ steps }) => steps.flatMap((step) => step.log)).join('\n'),
    }
  }

  test('deploys the commit that was published.', async () => {
    const { conclusions, log } = await deployed('published.yml')
    expect(conclusions).toEqual(['endpoint: success', 'space: success'])
    expect(log).toContain(`deploying ${'c'.repeat(40)}`)
  })

  test.each(['held.yml', 'due.yml'])('deploys nothing when nothing was published: %s.', async (workflow) => {
    expect((await deployed(workflow)).conclusions).toEqual(['endpoint: skipped', 'space: skipped'])
  })
})

describe('Several recipes for one dataset', () => {
  test('are started in order and followed together, each line with its project.', async () => {
    const recipe = (prefix: string, command: string) => ({
      input_dataset: names.dataset,
      input_model: names.model,
      target_namespace: names.org,
      autotrain_project_prefix: prefix,
      trainer: 'job',
      image: 'python:3.12',
      command,
      discussion: 'off',
    })
    const recipes = [recipe('one', `echo from one; ${pushModel}`), recipe('two', 'echo from two; exit 1')]
    const own = await startWorld({
      runner: {
        files: { '.github/auto-retrain.json': JSON.stringify({ recipes }) },
        ownWorkflows: false,
        workflows: { 'several.yml': several },
      },
    })
    const run = await own.runner.finished((await own.runner.manual('several.yml')).id)
    const outputs = actionOutputs(run, 'retrain')
    const results = JSON.parse(outputs?.results ?? '[]') as { verdict: string }[]
    expect(results.map(({ verdict }) => verdict)).toEqual(['succeeded', 'failed'])
    expect(run.conclusion).toBe('failure')
    const log = run.jobs.flatMap(({ steps }) => steps.flatMap((step) => step.log)).join('\n')
    expect(log).toMatch(/│ \[one-[0-9a-f]{7}\] from one/)
    expect(log).toMatch(/│ \[two-[0-9a-f]{7}\] from two/)
    await own.close()
  })
})

const several = `
on: workflow_dispatch
permissions:
  contents: write
jobs:
  retrain:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: ./
        with:
          hf-token: \${{ secrets.HF_TOKEN }}
`
