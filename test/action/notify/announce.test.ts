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

const announceRun = (overrides: Partial<Outcome> = {}, options: { own?: string[]; token?: string } = {}) => {
  const { own = ['ann', 'acme'], token = 'hf_ann' } = options
  return announce({
    hub: connect(sandbox.url, token).hub,
    outcome: outcomeWith({ discussionUrl: null, ...overrides }),
    context: contextWith({ hubUrl: sandbox.url }),
    ownNamespaces: async () => own,
    signal: AbortSignal.timeout(20_000),
  })
}
const started = (overrides: Partial<Outcome> = {}) =>
  announceRun({ verdict: 'started', end: null, ...overrides })
const other = '7'.repeat(40)
const each = { recipe: recipeWith({ discussion: 'each' }) }

const discussions = () => sandbox.discussions(dataset)
const commentsOf = (index = 0) =>
  discussions()[index]!.events.flatMap((event) => (event.type === 'comment' ? [event.raw] : []))

test('A run has one comment in the thread, which changes from started to trained.', async () => {
  const { url } = await started()
  expect(commentsOf()[1]).toContain('🚀 Training started')
  expect(commentsOf()[0]).toContain('🚀 **running**')
  expect(await announceRun()).toMatchObject({ url, note: null, isProblem: false })
  expect(discussions()).toHaveLength(1)
  expect(commentsOf()).toHaveLength(2)
  expect(commentsOf()[1]).toContain('✅ Model trained')
  expect(commentsOf()[0]).toContain('✅ **trained**')
  expect(url).toBe(`${sandbox.url}/datasets/${dataset}/discussions/1`)
})

test('The next run gets a comment of its own in the same thread, and a row in its table.', async () => {
  await announceRun()
  await announceRun({ revision: other, project: 'digits-7777777', history: [pastRun(1)] })
  await announceRun({ attempt: 2 })
  expect(discussions()).toHaveLength(1)
  expect(commentsOf()).toHaveLength(4)
  expect(commentsOf()[0]).toContain('attempt 2')
})

test('The second of two equal announcements writes nothing.', async () => {
  await announceRun()
  const before = sandbox.requests.filter(({ method }) => method === 'POST').length
  await announceRun()
  expect(sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(before)
})

test('The thread is found among many discussions of the account, even with a changed title.', async () => {
  await announceRun()
  discussions()[0]!.title = 'Robots at work'
  for (let n = 0; n < 20; n += 1) sandbox.discuss(dataset, { title: `About ${n}`, author: 'ann' })
  await announceRun({ revision: other })
  expect(commentsOf(0)).toHaveLength(3)
  expect(discussions()).toHaveLength(21)
})

test('Another recipe for the same dataset has a thread of its own.', async () => {
  await announceRun()
  await announceRun({ recipe: recipeWith({ input_model: 'microsoft/resnet-50' }) })
  expect(discussions()).toHaveLength(2)
})

test('A closed thread stays closed, and a new one is opened.', async () => {
  const first = await announceRun()
  sandbox.closeDiscussion(dataset, 1)
  const second = await announceRun({ revision: other, discussionUrl: first.url })
  expect(second.url).not.toBe(first.url)
  expect(commentsOf(0)).toHaveLength(2)
})

test('A copy of the marker by another account is ignored.', async () => {
  await announceRun()
  const [stolen = ''] = commentsOf()
  sandbox.closeDiscussion(dataset, 1)
  sandbox.discuss(dataset, { title: discussions()[0]!.title, description: stolen, author: 'bob' })
  await announceRun()
  expect(discussions()).toHaveLength(3)
  expect(commentsOf(1)).toEqual([stolen])
})

test('A comment of another account with the marker of the run is not edited, and a new comment is written.', async () => {
  await announceRun()
  const [, comment = ''] = commentsOf()
  const text = comment.replace(/[0-9a-f]{40} 1 -->/, `${other} 1 -->`)
  await addComment(connect(sandbox.url, 'hf_bob').hub, { dataset, number: 1, text })
  expect(await announceRun({ revision: other })).toMatchObject({ isProblem: false, note: null })
  expect(commentsOf()).toHaveLength(4)
})

test('A marker that is quoted inside a text is ignored.', async () => {
  await announceRun()
  const [, comment = ''] = commentsOf()
  await announceRun({ verdict: 'failed', reason: comment, revision: other })
  await announceRun()
  expect(commentsOf()).toHaveLength(3)
})

test.each([
  ['the thread was opened', /discussions$/],
  ['the comment was written', /\/comment$/],
] as const)('An answer that is lost after %s leaves one thread and one comment.', async (_what, path) => {
  sandbox.fault({ method: 'POST', path, reset: true, applied: true })
  expect(await started()).toMatchObject({ note: null, isProblem: false })
  await announceRun()
  expect(discussions()).toHaveLength(1)
  expect(commentsOf()).toHaveLength(2)
})

test('After a crash between thread and comment, the next announcement writes the comment.', async () => {
  sandbox.fault({ method: 'POST', path: /\/comment$/, status: 400 })
  expect(await started()).toEqual({
    isProblem: true,
    isRefused: false,
    note: expect.stringMatching(/^not up to date: .*answered 400/),
    url: `${sandbox.url}/datasets/${dataset}/discussions/1`,
  })
  await announceRun()
  expect(discussions()).toHaveLength(1)
  expect(commentsOf()).toHaveLength(2)
})

test('Two runs that start at the same time end in one open thread, with a comment each.', async () => {
  await Promise.all([started(), started({ revision: other, project: 'digits-7777777' })])
  const open = discussions().filter(({ status }) => status === 'open')
  expect(open).toHaveLength(1)
  await Promise.all([announceRun(), announceRun({ revision: other, project: 'digits-7777777' })])
  const comments = open[0]!.events.filter(({ type }) => type === 'comment')
  expect(comments).toHaveLength(3)
})

test('With `each`, a run has a discussion, which is closed at the end of the run.', async () => {
  await started(each)
  expect(discussions()[0]).toMatchObject({
    title: '✨ Retraining of google/vit-base-patch16-224 on 3f2a9c4',
    status: 'open',
  })
  await announceRun(each)
  await announceRun(each)
  expect(discussions()).toHaveLength(1)
  expect(discussions()[0]).toMatchObject({ status: 'closed' })
  expect(commentsOf()).toHaveLength(1)
  await started({ ...each, revision: other })
  expect(discussions()).toHaveLength(2)
})

test('A discussion says that a person has to launch the training, and stays open.', async () => {
  const run = { id: '1', url: 'https://ui.example/1', nextStep: 'review the cost and launch the training' }
  await started({ ...each, run })
  expect(commentsOf()[0]).toContain(
    '**Next step:** [review the cost and launch the training](https://ui.example/1). ' +
      'Until then nothing is trained and nothing is charged.',
  )
  expect(discussions()[0]).toMatchObject({ status: 'open' })
})

test('The table of the thread says when a run waits for a person.', async () => {
  const run = { id: '1', url: 'https://ui.example/1', nextStep: 'review the cost and launch the training' }
  await started({ run })
  expect(commentsOf()[0]).toContain('👀 **waiting for review**')
})

test('Nothing is posted on the dataset of another account, and the note says why.', async () => {
  expect(await announceRun({}, { own: ['ann'] })).toEqual({
    url: null,
    note: 'none: the dataset belongs to neither the account of hf-token nor its organisations',
    isProblem: false,
    isRefused: false,
  })
  expect(discussions()).toHaveLength(0)
})

test.each([
  ['discussions are off', { recipe: recipeWith({ discussion: 'off' }) }],
  ['nothing was started', { verdict: 'planned', run: null, end: null }],
] as const)('Nothing is requested or posted when %s.', async (_when, overrides) => {
  expect(await announceRun(overrides)).toEqual({
    url: null,
    note: null,
    isProblem: false,
    isRefused: false,
  })
  expect(sandbox.requests).toHaveLength(0)
})

test('A token that may not write gives a note with what to do, and no failure.', async () => {
  sandbox.addToken({ token: 'hf_read', user: 'ann', role: 'read' })
  const result = await announceRun({}, { token: 'hf_read' })
  expect(result).toMatchObject({ url: null, isProblem: true, isRefused: true })
  expect(result.note).toMatch(/^none: .*hf-token may not write discussions .*give it the write role/)
})

test('A discussion on a public dataset does not name a private repository.', async () => {
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
