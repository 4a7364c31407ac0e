import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { announce } from '../../../src/action/notify/announce.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { addComment } from '../../../src/hub/discussions/discussions.ts'
import { connect } from '../../hub/connect.ts'
import { contextWith, outcomeWith, pastRun, recipeWith } from '../../report/outcomes.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'

let sandbox: SandboxHub
const dataset = 'acme/digits'

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann', orgs: ['acme'] })
  sandbox.addUser({ name: 'bob', token: 'hf_bob', orgs: ['acme'] })
  sandbox.createDataset({ name: dataset, files: { 'a.txt': 'a' } })
})
afterEach(() => sandbox.close())

const tell = (overrides: Partial<Outcome> = {}, options: { own?: string[]; token?: string } = {}) => {
  const { own = ['ann', 'acme'], token = 'hf_ann' } = options
  return announce({
    hub: connect(sandbox.url, token).hub,
    outcome: outcomeWith({ discussionUrl: null, ...overrides }),
    context: contextWith({ hubUrl: sandbox.url }),
    ownNamespaces: async () => own,
    signal: AbortSignal.timeout(20_000),
  })
}
const started = (overrides: Partial<Outcome> = {}) => tell({ verdict: 'started', end: null, ...overrides })
const other = '7'.repeat(40)
const each = { recipe: recipeWith({ discussion: 'each' }) }

const discussions = () => sandbox.discussions(dataset)
const commentsOf = (index = 0) =>
  discussions()[index]!.events.flatMap((event) => (event.type === 'comment' ? [event.raw] : []))

test('a run has one comment in the thread, which goes from started to trained', async () => {
  const { url } = await started()
  expect(commentsOf()[1]).toContain('🚀 Training started')
  expect(commentsOf()[0]).toContain('🚀 **running**')
  expect(await tell()).toEqual({ url, note: null, isProblem: false })
  expect(discussions()).toHaveLength(1)
  expect(commentsOf()).toHaveLength(2)
  expect(commentsOf()[1]).toContain('✅ Model trained')
  expect(commentsOf()[0]).toContain('✅ **trained**')
  expect(url).toBe(`${sandbox.url}/datasets/${dataset}/discussions/1`)
})

test('the next run gets a comment of its own in the same thread, and a row in its table', async () => {
  await tell()
  await tell({ revision: other, project: 'digits-7777777', history: [pastRun(1)] })
  await tell({ attempt: 2 })
  expect(discussions()).toHaveLength(1)
  expect(commentsOf()).toHaveLength(4)
  expect(commentsOf()[0]).toContain('attempt 2')
})

test('told twice the same, nothing is written', async () => {
  await tell()
  const before = sandbox.requests.filter(({ method }) => method === 'POST').length
  await tell()
  expect(sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(before)
})

test('the thread is found again among many discussions of ours, also when a person gave it another title', async () => {
  await tell()
  discussions()[0]!.title = 'Robots at work'
  for (let n = 0; n < 20; n += 1) sandbox.discuss(dataset, { title: `About ${n}`, author: 'ann' })
  await tell({ revision: other })
  expect(commentsOf(0)).toHaveLength(3)
  expect(discussions()).toHaveLength(21)
})

test('another recipe on the same dataset has a thread of its own', async () => {
  await tell()
  await tell({ recipe: recipeWith({ input_model: 'microsoft/resnet-50' }) })
  expect(discussions()).toHaveLength(2)
})

test('a closed thread stays closed, and a new one is opened', async () => {
  const first = await tell()
  sandbox.closeDiscussion(dataset, 1)
  const second = await tell({ revision: other, discussionUrl: first.url })
  expect(second.url).not.toBe(first.url)
  expect(commentsOf(0)).toHaveLength(2)
})

test('a copy of our marker by somebody else is not taken for ours', async () => {
  await tell()
  const [stolen = ''] = commentsOf()
  sandbox.closeDiscussion(dataset, 1)
  sandbox.discuss(dataset, { title: discussions()[0]!.title, description: stolen, author: 'bob' })
  await tell()
  expect(discussions()).toHaveLength(3)
  expect(commentsOf(1)).toEqual([stolen])
})

test('a comment of somebody else with the marker of our run is not edited, and ours is written', async () => {
  await tell()
  const [, comment = ''] = commentsOf()
  const text = comment.replace(/[0-9a-f]{40} 1 -->/, `${other} 1 -->`)
  await addComment(connect(sandbox.url, 'hf_bob').hub, { dataset, number: 1, text })
  expect(await tell({ revision: other })).toMatchObject({ isProblem: false, note: null })
  expect(commentsOf()).toHaveLength(4)
})

test('a marker quoted in the middle of our own words finds nothing', async () => {
  await tell()
  const [, comment = ''] = commentsOf()
  await tell({ verdict: 'failed', reason: comment, revision: other })
  await tell()
  expect(commentsOf()).toHaveLength(3)
})

test.each([
  ['the thread was opened', /discussions$/],
  ['the comment was written', /\/comment$/],
] as const)('an answer lost after %s leaves one thread and one comment', async (_what, path) => {
  sandbox.fault({ method: 'POST', path, reset: true, applied: true })
  expect(await started()).toMatchObject({ note: null, isProblem: false })
  await tell()
  expect(discussions()).toHaveLength(1)
  expect(commentsOf()).toHaveLength(2)
})

test('a crash between the thread and the comment is made good by the next word', async () => {
  sandbox.fault({ method: 'POST', path: /\/comment$/, status: 400 })
  expect(await started()).toEqual({
    isProblem: true,
    note: expect.stringMatching(/^not up to date: .*answered 400/),
    url: `${sandbox.url}/datasets/${dataset}/discussions/1`,
  })
  await tell()
  expect(discussions()).toHaveLength(1)
  expect(commentsOf()).toHaveLength(2)
})

test('two runs that begin at once end in one open thread, with a comment each', async () => {
  await Promise.all([started(), started({ revision: other, project: 'digits-7777777' })])
  const open = discussions().filter(({ status }) => status === 'open')
  expect(open).toHaveLength(1)
  await Promise.all([tell(), tell({ revision: other, project: 'digits-7777777' })])
  const comments = open[0]!.events.filter(({ type }) => type === 'comment')
  expect(comments).toHaveLength(3)
})

test('with each, a run has a discussion, which is closed when the run is over', async () => {
  await started(each)
  expect(discussions()[0]).toMatchObject({
    title: '✨ Retraining of google/vit-base-patch16-224 on 3f2a9c4',
    status: 'open',
  })
  await tell(each)
  await tell(each)
  expect(discussions()).toHaveLength(1)
  expect(discussions()[0]).toMatchObject({ status: 'closed' })
  expect(commentsOf()).toHaveLength(1)
  await started({ ...each, revision: other })
  expect(discussions()).toHaveLength(2)
})

test('a person who has to launch the training is told so, and the discussion stays open', async () => {
  const run = { id: '1', url: 'https://ui.example/1', nextStep: 'review the cost and launch the training' }
  await started({ ...each, run })
  expect(commentsOf()[0]).toContain(
    '**Next step:** [review the cost and launch the training](https://ui.example/1). ' +
      'Until then nothing is trained and nothing is charged.',
  )
  expect(discussions()[0]).toMatchObject({ status: 'open' })
})

test('the table of the thread says when a run waits for a person', async () => {
  const run = { id: '1', url: 'https://ui.example/1', nextStep: 'review the cost and launch the training' }
  await started({ run })
  expect(commentsOf()[0]).toContain('👀 **waiting for review**')
})

test('nothing is said on the dataset of a stranger, and the note says why', async () => {
  expect(await tell({}, { own: ['ann'] })).toEqual({
    url: null,
    note: 'none: the dataset belongs to neither the account of hf-token nor its organisations',
    isProblem: false,
  })
  expect(discussions()).toHaveLength(0)
})

test.each([
  ['discussions are off', { recipe: recipeWith({ discussion: 'off' }) }],
  ['nothing was started', { verdict: 'planned', run: null, end: null }],
] as const)('nothing is asked and nothing is said when %s', async (_when, overrides) => {
  expect(await tell(overrides)).toEqual({ url: null, note: null, isProblem: false })
  expect(sandbox.requests).toHaveLength(0)
})

test('a token that may not write is a problem that says what to do, and no failure', async () => {
  sandbox.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
  const result = await tell({}, { token: 'hf_read' })
  expect(result).toMatchObject({ url: null, isProblem: true })
  expect(result.note).toMatch(/^none: .*hf-token may not write discussions .*give it the write role/)
})

test('a public dataset does not name a private repository', async () => {
  const context = contextWith({ hubUrl: sandbox.url, repositoryVisibility: 'private' })
  await announce({
    hub: connect(sandbox.url, 'hf_ann').hub,
    outcome: outcomeWith({
      verdict: 'failed',
      reason: `See ${context.workflowUrl} of acme/digits-training.`,
    }),
    context,
    ownNamespaces: async () => ['ann', 'acme'],
    signal: AbortSignal.timeout(20_000),
  })
  expect(commentsOf().join()).not.toMatch(/digits-training|digits\\-training|github\.com/)
})
