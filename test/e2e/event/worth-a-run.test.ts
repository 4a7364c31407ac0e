import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { shaOf } from '../../event/hub-payload.ts'
import type { JobResult } from '../../sandbox/runner/step/results.ts'
import { actionRun } from '../stage/action-run.ts'
import { envelopeFor } from '../stage/dispatches.ts'
import { claims, ledgerLines } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { until } from '../stage/until.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

const short = (sha: string) => sha.slice(0, 7)

/** Nothing was bought, claimed or told. */
function expectNothingDone(subject: Case): void {
  expect(subject.projects()).toEqual([])
  expect(ledgerLines(stage, subject.name)).toEqual([])
  expect(stage.hub.discussions(subject.dataset).filter(({ isPullRequest }) => !isPullRequest)).toEqual([])
}

describe('An event', () => {
  test.concurrent('An event with a valid signature and a revision that the Hub does not know is refused, and starts nothing.', async () => {
    const subject = stage.case()
    const run = await subject.dispatch({ sha: shaOf('d') })
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1, errors: [run.reason] })
    expect(run.reason).toMatch(
      new RegExp(`^The dataset has no revision ${shaOf('d')}: .*Nothing was started`),
    )
    expectNothingDone(subject)
  })

  test.concurrent('An event of a pull request that calls itself main buys nothing: its commit exists, but is not the head.', async () => {
    const subject = stage.case()
    const { commit } = stage.hub.openPullRequest(subject.dataset, { files: { 'train/9/evil.txt': 'evil' } })
    const run = await subject.dispatch({ sha: commit.sha })
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expectNothingDone(subject)
  })

  test.concurrent('An event that a newer commit overtook is skipped, and the reason names the newer one.', async () => {
    const subject = stage.case()
    const old = subject.head()
    const newer = subject.commit()
    const run = await subject.dispatch({ sha: old })
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, outputs: { processed: 'false' } })
    expect(run.reason).toMatch(
      new RegExp(`^Superseded by ${short(newer)}: ${short(old)} is no longer the head`),
    )
    expectNothingDone(subject)
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started', outputs: { revision: newer } })
  })

  test.concurrent('An event of a deleted dataset is refused, and the reason says what to check.', async () => {
    const subject = stage.case()
    const envelope = await envelopeFor({ dataset: subject.dataset, sha: subject.head() })
    stage.hub.deleteRepository(subject.dataset)
    const run = await subject.dispatchRaw(envelope)
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expect(run.reason).toMatch(
      /^The dataset does not exist, or hf-token may not read it .*Check input-dataset/,
    )
  })

  test.concurrent('When the Hub rejects hf-token, the run is refused, and the reason says where to create a new one.', async () => {
    const subject = stage.case()
    subject.workflow({ 'hf-token': 'hf_nobodyKnowsThis' })
    const run = await subject.dispatch()
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expect(run.reason).toMatch(
      /^The dataset cannot be read with hf-token .*Create a new token at .*\/settings\/tokens/,
    )
    expectNothingDone(subject)
  })

  test.concurrent('When the Hub does not answer, the run fails and trains nothing.', async () => {
    const subject = stage.case()
    const path = new RegExp(`/api/datasets/${subject.dataset}/revision/`)
    const broken = stage.hub.fault({ path, status: 503, headers: { 'retry-after': '0' }, times: Infinity })
    const run = await subject.dispatch()
    broken.lift()
    expect(broken.hits).toBe(4)
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expectNothingDone(subject)
  })
})

describe('The revision input', () => {
  test.concurrent.each([
    ['its full sha', (subject: Case) => subject.head()],
    ['its branch', () => 'main'],
    ['a tag on it', () => 'v1'],
  ])('A run trains the head when revision is %s.', async (_, revision) => {
    const subject = stage.case()
    stage.hub.tag(subject.dataset, 'v1')
    const run = await subject.manual({ revision: revision(subject) })
    expect(run).toMatchObject({ verdict: 'started', outputs: { revision: subject.head() } })
    expect(claims(stage, subject.name)).toMatchObject([{ revision: subject.head(), atHead: true }])
  })

  test.concurrent.each([
    ['an older sha', (_: Case, old: string) => old],
    ['a tag on an older commit', () => 'v1'],
    ['another branch', () => 'draft'],
  ])('A trainer that reads only the head refuses a revision that is %s.', async (_, revision) => {
    const subject = stage.case()
    const old = subject.head()
    stage.hub.tag(subject.dataset, 'v1')
    stage.hub.branch(subject.dataset, 'draft')
    subject.commit()
    const run = await subject.manual({ revision: revision(subject, old) })
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1, outputs: { revision: old } })
    expect(run.reason).toMatch(
      /^revision: the trainer autotrain-classic can only train on the head of refs\/heads\/main/,
    )
    expectNothingDone(subject)
  })

  test.concurrent.each([shaOf('e'), 'no-such-branch', 'v9'])(
    'A revision that does not exist is refused: %s.',
    async (revision) => {
      const subject = stage.case()
      const run = await subject.manual({ revision })
      expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
      expect(run.reason).toContain(revision)
      expectNothingDone(subject)
    },
  )

  test.concurrent('A revision given by hand is trained whatever the path rules say.', async () => {
    const subject = stage.case()
    await subject.manual()
    stage.hub.commit(subject.dataset, { files: { 'README.md': 'x' } })
    expect(await subject.manual({ revision: subject.head() })).toMatchObject({ verdict: 'started' })
  })

  test.concurrent('The revision input wins over the revision of an event.', async () => {
    const subject = stage.case()
    const old = subject.head()
    subject.commit()
    subject.workflow({ revision: 'main' })
    const run = await subject.dispatch({ sha: old })
    expect(run).toMatchObject({ verdict: 'started', outputs: { revision: subject.head() } })
  })

  test.concurrent('The revision input does not replace a watched branch that the dataset does not have.', async () => {
    const subject = stage.case()
    const run = await subject.manual({ ref: 'refs/heads/nowhere', revision: 'main' })
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
    expect(run.reason).toBe('ref: the dataset has no branch nowhere; set it to a branch that exists.')
  })
})

describe('The path rules', () => {
  test.concurrent('A commit that only changes the card is not trained, and data committed before it still is.', async () => {
    const subject = stage.case()
    await subject.dispatch()
    subject.commit()
    const data = subject.head()
    stage.hub.commit(subject.dataset, { files: { 'README.md': 'card', '.gitattributes': '*.txt text' } })
    const head = subject.head()
    // The event of the data commit comes late, when it is not the head any more.
    expect(await subject.dispatch({ sha: data })).toMatchObject({ verdict: 'skipped' })
    expect(await subject.dispatch({ oldSha: data })).toMatchObject({
      verdict: 'started',
      outputs: { revision: head },
    })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'skipped' })
    stage.hub.commit(subject.dataset, { files: { 'README.md': 'card 2' } })
    const last = await subject.dispatch()
    expect(last.reason).toBe(
      `Only README.md changed since the training on ${short(head)} (${stage.autotrain.url}/` +
        `${subject.projects().at(-1)?.id}/trainings), and paths-ignore excludes it.`,
    )
  })

  test.concurrent('A recipe that never trained is trained once, whatever its last commit changed.', async () => {
    const subject = stage.case()
    stage.hub.commit(subject.dataset, { files: { 'README.md': 'card' } })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
  })

  test.concurrent('The path rules see a removed file, and ignore a file that was changed and changed back.', async () => {
    const subject = stage.case({ files: { 'train/a.txt': 'a', 'train/b.txt': 'b' } })
    await subject.dispatch()
    stage.hub.commit(subject.dataset, { deletions: ['train/a.txt'] })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
    subject.commit({ 'train/b.txt': 'other' })
    subject.commit({ 'train/b.txt': 'b' })
    const run = await subject.dispatch()
    expect(run).toMatchObject({ verdict: 'skipped' })
    expect(run.reason).toMatch(/^Nothing changed since the training on [0-9a-f]{7} \(http.*\)\.$/)
  })

  test.concurrent('The inputs paths and paths-ignore decide which changes are trained.', async () => {
    const subject = stage.case({ files: { 'data/a.txt': 'a' } })
    subject.workflow({ paths: 'data/**\n!data/raw/**', 'paths-ignore': '**/*.md' })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
    subject.commit({ 'data/raw/b.txt': 'b', 'data/notes.md': 'n', 'other.txt': 'o' })
    const skipped = await subject.dispatch()
    expect(skipped).toMatchObject({ verdict: 'skipped' })
    expect(skipped.reason).toMatch(
      /^Only data\/notes\.md, data\/raw\/b\.txt and other\.txt changed .*paths and paths-ignore exclude them\.$/,
    )
    subject.commit({ 'data/c.txt': 'c' })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
  })

  test.concurrent.each(['- docs/**\n- README.md', '"docs/**"', '/docs/**', 'docs\\**', '["docs/**"]'])(
    'A commit of documents only is refused, not trained, when paths-ignore could never match: %j.',
    async (globs) => {
      const subject = stage.case()
      await subject.dispatch()
      const trained = subject.projects().length
      subject.commit({ 'docs/a.md': 'a' })
      subject.workflow({ 'paths-ignore': globs })
      const run = await subject.dispatch()
      expect(run).toMatchObject({ verdict: 'refused', exitCode: 1 })
      expect(run.reason).toMatch(/^paths-ignore has .*: write docs\/\*\*/)
      expect(subject.projects()).toHaveLength(trained)
      subject.workflow({ 'paths-ignore': 'docs' })
      expect(await subject.dispatch()).toMatchObject({ verdict: 'skipped', exitCode: 0 })
      expect(subject.projects()).toHaveLength(trained)
    },
  )

  test.concurrent('A plan warns of a pattern of paths that matches no file, with the nearest name.', async () => {
    const subject = stage.case({ files: { 'train/0/first.txt': 'zero', 'labels.csv': 'a' } })
    const run = await subject.manual({ paths: 'Train/**\nlabels.csv', 'dry-run': 'true' })
    const warning = 'paths: Train/** matches no file of this revision: did you mean train/?'
    expect(run).toMatchObject({ verdict: 'planned', exitCode: 0 })
    expect(run.warnings).toContain(warning)
    expect(run.summary).toMatch(/matches no file of this revision.*⚠️ worth a look/)
  })

  test.concurrent('With an empty paths-ignore in the config file, a changed card is trained too.', async () => {
    const subject = stage.case()
    const text = JSON.stringify({
      input_dataset: subject.dataset,
      input_model: 'microsoft/resnet-50',
      target_namespace: 'acme',
      autotrain_project_prefix: subject.name,
      paths_ignore: [],
      paths: [],
    })
    const before = `mkdir -p .github; echo '${text}' > .github/auto-retrain.json`
    subject.workflow({}, { before })
    await subject.dispatch()
    stage.hub.commit(subject.dataset, { files: { 'README.md': 'card' } })
    expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
  })

  test.concurrent('When the Hub does not list the files, nothing is started, and the next run trains.', async () => {
    const subject = stage.case()
    const path = new RegExp(`/api/datasets/${subject.dataset}/tree/`)
    const broken = stage.hub.fault({ path, status: 500, headers: { 'retry-after': '0' }, times: Infinity })
    const run = await subject.dispatch()
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1, errors: [run.reason] })
    expect(run.reason).toMatch(
      /^The files of the dataset could not be listed, so nothing was started: .*answered 500: "Internal Error"\. The next check tries/,
    )
    expectNothingDone(subject)
    broken.lift()
    expect(await subject.schedule()).toMatchObject({ verdict: 'started', exitCode: 0 })
  })
})

describe('A dataset that is to settle', () => {
  test.concurrent('A dataset is trained once it has settled, and the log shows the wait.', async () => {
    const subject = stage.case()
    subject.workflow({ settle: '1s' })
    const run = await subject.dispatch()
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0 })
    expect(run.step.rawOutput).toMatch(/Waiting for the dataset to settle: 1\.0 s left/)
    expect(run.summary).toMatch(/✅ Wait for the dataset to settle/)
  })

  test.concurrent('A commit during the wait to settle skips the run, which leaves the training to that commit.', async () => {
    const subject = stage.case()
    const old = subject.head()
    subject.workflow({ settle: '1s' })
    const running = stage.runner.dispatch(subject.name, {
      ...(await envelopeFor({ dataset: subject.dataset, sha: old })),
    })
    const [run] = await running
    await until(() => logOf(run?.jobs ?? []).includes('Waiting for the dataset to settle'))
    const newer = subject.commit()
    const ended = actionRun(await stage.runner.finished(run!.id))
    expect(ended).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(ended.reason).toMatch(new RegExp(`^Superseded by ${short(newer)}`))
    expectNothingDone(subject)
  })

  test.concurrent('A workflow that is cancelled during the wait to settle ends at once and claims nothing.', async () => {
    const subject = stage.case()
    subject.workflow({ settle: '1h' })
    const { id, jobs } = await stage.runner.manual(`${subject.name}.yml`)
    await until(() => logOf(jobs).includes('Waiting for the dataset to settle'))
    const ended = actionRun(await stage.runner.cancel(id))
    expect(ended).toMatchObject({ verdict: 'cancelled', exitCode: 1, reason: 'The workflow was cancelled.' })
    expect(ended.run.conclusion).toBe('cancelled')
    expectNothingDone(subject)
    expect(await subject.manual({ settle: '0s' })).toMatchObject({ verdict: 'started' })
  })
})

/** What the action wrote so far. */
function logOf(jobs: readonly JobResult[]): string {
  return jobs[0]?.steps.find(({ id }) => id === 'retrain')?.rawOutput ?? ''
}
