import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { shaOf } from '../../event/hub-payload.ts'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from '../stage/action-run.ts'
import { ledgerLines } from '../stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'

/** Everything that somebody sees who can read the workflow's repository and nothing else. */
function publicTexts(stage: Stage, run: ActionRun): Record<string, string> {
  const { step, post, summary } = run
  return {
    log: `${step.rawOutput}\n${post?.rawOutput}`,
    summary,
    annotations: JSON.stringify(step.annotations),
    ledger: JSON.stringify(ledgerLines(stage)),
  }
}

describe('A private dataset and a public repository', () => {
  let stage: Stage
  let cases = 0
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage.close())

  const quiet = () => {
    cases += 1
    return stage.case({ datasetName: `faces-of-patients-${cases}`, private: true })
  }

  const acts: [string, string, (subject: Case) => Promise<ActionRun>][] = [
    ['starts', 'started', (subject) => subject.dispatch({ private: true })],
    ['is started by hand', 'started', (subject) => subject.manual()],
    [
      'is overtaken',
      'skipped',
      (subject) => {
        const old = subject.head()
        subject.commit()
        return subject.dispatch({ sha: old, private: true })
      },
    ],
    [
      'is about an unknown revision',
      'refused',
      (subject) => subject.dispatch({ sha: shaOf('a'), private: true }),
    ],
    [
      'has nothing to train',
      'skipped',
      async (subject) => {
        await subject.dispatch()
        stage.hub.commit(subject.dataset, { files: { 'README.md': 'x' } })
        return subject.dispatch()
      },
    ],
    [
      'fails at AutoTrain, whose answer names it',
      'failed',
      (subject) => {
        const body = { detail: `Dataset ${subject.dataset} (${stage.hub.url}/datasets/${subject.dataset})` }
        stage.autotrain.fault({ path: /data\/dataset/, status: 422, body })
        return subject.dispatch()
      },
    ],
    [
      'fails at the Hub, whose URL names it',
      'failed',
      (subject) => {
        const path = new RegExp(`${subject.dataset}/tree/`)
        stage.hub.fault({ path, status: 500, headers: { 'retry-after': '0' }, times: 9 })
        return subject.dispatch()
      },
    ],
    [
      'cannot open the discussion, and the Hub names it',
      'started',
      (subject) => {
        const path = new RegExp(`${subject.dataset}/discussions`)
        stage.hub.fault({ path, status: 403, body: { error: `Not on ${subject.dataset}` }, times: 9 })
        return subject.dispatch()
      },
    ],
  ]

  test.each(acts)(
    'A private dataset is nowhere named in a public repository when its run %s.',
    async (_, verdict, act) => {
      const subject = quiet()
      const run = await act(subject)
      expect(run.verdict).toBe(verdict)
      const [, name = ''] = subject.dataset.split('/')
      for (const [place, text] of Object.entries(publicTexts(stage, run))) {
        expect([place, text.match(new RegExp(`.{0,80}${name}.{0,40}`, 'i'))?.[0]]).toEqual([place, undefined])
        expect([place, text.includes('/datasets/acme')]).toEqual([place, false])
        // Nor what is in it: file names tell, too.
        expect([place, /first\.txt|README\.md changed/.test(text)]).toEqual([place, false])
      }
    },
  )

  test('A private dataset gets its discussion, with the link to the run in a public repository.', async () => {
    const subject = quiet()
    const run = await subject.manual()
    const [discussion] = stage.hub.discussions(subject.dataset)
    const text = JSON.stringify(discussion?.events)
    expect(text).toContain(run.outputs['run-url'])
    expect(text).toContain(`${names.repository}/actions/runs/${run.run.id}`)
    expect(run.summary).toMatch(/a private dataset/)
  })
})

describe('A private repository', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage({ privateRepository: true })
  })
  afterAll(() => stage.close())

  test('A private repository is not named in the discussion on a public dataset, and its summary names the dataset.', async () => {
    const subject = stage.case()
    const run = await subject.manual()
    const text = JSON.stringify(stage.hub.discussions(subject.dataset))
    expect(text).toContain(run.outputs['run-url'])
    expect(text).not.toContain(names.repository)
    expect(text).not.toContain('/actions/runs/')
    expect(run.summary).toContain(`${stage.hub.url}/datasets/${subject.dataset}`)
  })

  test('A private repository and a private dataset name each other.', async () => {
    const subject = stage.case({ private: true })
    const run = await subject.manual()
    expect(JSON.stringify(stage.hub.discussions(subject.dataset))).toContain(`/actions/runs/${run.run.id}`)
    expect(run.summary).toContain(`${stage.hub.url}/datasets/${subject.dataset}`)
  })
})

describe('A discussion', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
    stage.hub.addUser({ name: 'bob', token: 'hf_BobHasNothingToDoWithIt', orgs: ['others'] })
  })
  afterAll(() => stage.close())

  test.each([
    ['of another user', 'bob'],
    ['of an organisation that the user of hf-token is not in', 'others'],
  ])('On a dataset %s no discussion is opened, and a notice says why.', async (_, namespace) => {
    const subject = stage.case({ namespace })
    const run = await subject.dispatch()
    expect(run).toMatchObject({
      verdict: 'started',
      exitCode: 0,
      warnings: [],
      outputs: { 'discussion-url': '' },
    })
    expect(run.notices).toEqual([
      expect.stringMatching(/the dataset belongs to neither the account of hf-token nor its organisations/),
    ])
    expect(stage.hub.discussions(subject.dataset)).toEqual([])
    const asked = stage.hub.requests.filter(({ path }) => path.includes(subject.dataset))
    expect(asked.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  test("A discussion is opened on the user's own dataset, and links the run of a public repository.", async () => {
    const subject = stage.case({ namespace: names.user })
    const run = await subject.manual()
    expect(run.outputs['discussion-url']).toBe(`${stage.hub.url}/datasets/${subject.dataset}/discussions/1`)
    expect(JSON.stringify(stage.hub.discussions(subject.dataset))).toContain(`/actions/runs/${run.run.id}`)
  })
})
