import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { gitStore } from '../../sandbox/github/git-store.ts'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from '../stage/action-run.ts'
import { claims, ledgerLines } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

const withoutIdentity = {
  'input-dataset': undefined,
  'input-model': undefined,
  'target-namespace': undefined,
  'autotrain-project-prefix': undefined,
}

interface Entry {
  dataset: string
  prefix: string
  more?: Record<string, unknown>
}

function runRecipes(of: Case, entries: Entry[], inputs: Record<string, string> = {}) {
  const recipes = entries.map(({ dataset, prefix, more }) => ({
    input_dataset: dataset,
    input_model: names.model,
    target_namespace: names.org,
    autotrain_project_prefix: prefix,
    ...more,
  }))
  const before = `mkdir -p .github\ncat > .github/auto-retrain.yml <<'END'\n${JSON.stringify({ recipes })}\nEND`
  of.workflow({ ...withoutIdentity, ...inputs }, { before })
}

const resultsOf = (run: ActionRun): Record<string, string>[] => JSON.parse(run.outputs.results ?? '')
const projectNames = (prefix: string) =>
  stage.autotrain.projects.filter(({ name }) => name.startsWith(`${prefix}-`)).map(({ name }) => name)

describe('A list of recipes', () => {
  test.concurrent('Recipes run in order, a failure does not stop the next, and the worst verdict decides the exit code.', async () => {
    const subject = stage.case({ name: 'many' })
    const other = stage.case()
    const entry = (prefix: string, more = {}) => ({ dataset: subject.dataset, prefix, more })
    runRecipes(subject, [
      entry('many-a', { ref: 'refs/heads/gone' }),
      entry('many-b'),
      { dataset: other.dataset, prefix: 'many-c' },
      entry('many-d', { params: { epochs: 3 } }),
      entry('many-e', { paths: ['images/**'] }),
      entry('many-f'),
    ])
    const run = await subject.dispatch()

    expect(resultsOf(run).map(({ verdict }) => verdict)).toEqual([
      'skipped',
      'started',
      'skipped',
      'refused',
      'refused',
      'started',
    ])
    const reasons = resultsOf(run).map(({ reason }) => reason)
    expect(reasons[0]).toMatch(/refs\/heads\/gone did not move/)
    expect(reasons[2]).toMatch(/this dataset is not watched/)
    expect(reasons[3]).toMatch(/^params: /)
    expect(reasons[4]).toMatch(
      /^paths and paths-ignore: the dataset has nothing to train on, only \d files that they exclude\.$/,
    )
    expect(run).toMatchObject({ exitCode: 1, verdict: 'started', errors: [reasons[3], reasons[4]] })
    expect(run.outputs['project-name']).toMatch(/^many-b-/)
    expect(projectNames('many').map((name) => name.slice(0, 6))).toEqual(['many-b', 'many-f'])
    for (const reason of reasons) expect(run.step.rawOutput).toContain(reason)
  })

  test.concurrent('When every recipe ends well, the step is green and results holds the outputs of each.', async () => {
    const subject = stage.case()
    const other = stage.case()
    runRecipes(subject, [
      { dataset: subject.dataset, prefix: 'good-a' },
      { dataset: other.dataset, prefix: 'good-b' },
    ])
    const run = await subject.manual(undefined, undefined)
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0, errors: [] })
    expect(resultsOf(run)).toMatchObject([
      { dataset: subject.dataset, revision: subject.head() },
      { dataset: other.dataset, revision: other.head() },
    ])
    const first = { ...run.outputs }
    delete first.results
    expect(resultsOf(run)[0]).toEqual(first)
    expect(new Set(resultsOf(run).map((result) => result['discussion-url'])).size).toBe(2)
  })

  test.concurrent('When no recipe has anything to train, the run is skipped with a notice for each.', async () => {
    const subject = stage.case()
    const recipes = ['none-a', 'none-b'].map((prefix) => ({ dataset: subject.dataset, prefix }))
    runRecipes(subject, recipes)
    await subject.dispatch()
    const run = await subject.dispatch()
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, outputs: { processed: 'false' } })
    expect(run.notices).toHaveLength(2)
  })

  test('When AutoTrain fails for one recipe, the next still runs.', async () => {
    const subject = stage.case()
    runRecipes(subject, [
      { dataset: subject.dataset, prefix: 'fail-a' },
      { dataset: subject.dataset, prefix: 'fail-b' },
    ])
    stage.autotrain.fault({ path: /create/, status: 500 })
    const run = await subject.dispatch()
    expect(resultsOf(run).map(({ verdict }) => verdict)).toEqual(['failed', 'started'])
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
  })

  test.concurrent('An input applies to every recipe of the list.', async () => {
    const subject = stage.case()
    runRecipes(
      subject,
      [
        { dataset: subject.dataset, prefix: 'all-a', more: { train_split: 'first' } },
        { dataset: subject.dataset, prefix: 'all-b' },
      ],
      { 'train-split': 'whole' },
    )
    await subject.dispatch()
    const splits = stage.autotrain.projects
      .filter(({ name }) => name.startsWith('all-'))
      .map(({ data }) => data[0]?.datasetSplit)
    expect(splits).toEqual(['whole', 'whole'])
  })
})

describe('A dry run', () => {
  /** Everything that was written anywhere, as counts. */
  const writes = () => ({
    hub: stage.hub.requests.filter(({ method }) => method !== 'GET').length,
    autotrain: stage.autotrain.requests.length,
    github: stage.github.requests.filter(({ method, path }) => method !== 'GET' && path !== '/graphql')
      .length,
    refs: gitStore(stage.github.repositories[0]!).refs.size,
  })

  test('A dry run says what would start, and writes nothing.', async () => {
    const subject = stage.case()
    const before = writes()
    const run = await subject.manual({ 'dry-run': 'true' })
    expect(run).toMatchObject({ verdict: 'planned', exitCode: 0, errors: [], warnings: [] })
    expect(run.reason).toMatch(/^Dry run: AutoTrain prepares a project in acme; a person launches it\.$/)
    expect(run.outputs).toMatchObject({ processed: 'true', revision: subject.head(), 'run-id': '' })
    expect(run.outputs['project-name']).toBe(`${subject.name}-${subject.head().slice(0, 7)}`)
    expect(run.summary).toMatch(/nothing was started/)
    expect(writes()).toEqual(before)
  })

  test('A dry run does not prevent the real run afterwards.', async () => {
    const subject = stage.case()
    await subject.manual({ 'dry-run': 'TRUE' })
    const run = await subject.manual({ 'dry-run': 'false' })
    expect(run).toMatchObject({ verdict: 'started' })
  })

  test('A dry run reports a trained revision, an irrelevant change or a refusal, and writes nothing.', async () => {
    const subject = stage.case()
    await subject.manual()
    const before = writes()
    expect(await subject.manual({ 'dry-run': 'true' })).toMatchObject({ verdict: 'skipped' })
    expect(await subject.manual({ 'dry-run': 'true', params: '{"a": 1}', force: 'true' })).toMatchObject({
      verdict: 'refused',
    })
    expect(writes()).toEqual(before)
    stage.hub.commit(subject.dataset, { files: { 'README.md': 'x' } })
    expect(await subject.manual({ 'dry-run': 'true' })).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringMatching(/^Only README\.md changed/),
    })
    expect(writes()).toEqual(before)
  })

  test('A dry run needs no write permission.', async () => {
    const subject = stage.case()
    const run = await subject.manual({ 'dry-run': 'true' }, { permissions: { contents: 'read' } })
    expect(run).toMatchObject({ verdict: 'planned', exitCode: 0 })
  })
})

/** For faults that strike no other case. */
const discussionsOf = ({ dataset }: Case) => new RegExp(`${dataset}/discussions$`)

describe('The discussion', () => {
  test.concurrent('With discussion: off, no discussion is opened.', async () => {
    const subject = stage.case()
    const run = await subject.manual({ discussion: 'off' })
    expect(run).toMatchObject({ verdict: 'started', notices: [], outputs: { 'discussion-url': '' } })
    expect(stage.hub.discussions(subject.dataset)).toEqual([])
  })

  test.concurrent('A discussion that cannot be opened gives a warning that says what to fix, and the training starts anyway.', async () => {
    const subject = stage.case()
    stage.hub.fault({
      method: 'POST',
      path: discussionsOf(subject),
      status: 403,
      body: { error: 'Your token does not have the required permission: discussion.write' },
    })
    const run = await subject.manual()
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0, outputs: { 'discussion-url': '' } })
    expect(run.warnings).toEqual([expect.stringMatching(/discussion\.write.*or set discussion: off/)])
    expect(claims(stage, subject.name)).toMatchObject([{ state: 'started' }])
  })

  test.concurrent('A discussion whose response is lost is not opened twice.', async () => {
    const subject = stage.case()
    stage.hub.fault({ method: 'POST', path: discussionsOf(subject), reset: true, applied: true })
    const run = await subject.manual()
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0 })
    expect(stage.hub.discussions(subject.dataset)).toHaveLength(1)
    expect(ledgerLines(stage, subject.name)).toHaveLength(2)
  })
})
