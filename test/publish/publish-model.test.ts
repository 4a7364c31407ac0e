import { downloadFile, listFiles } from '@huggingface/hub'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { MovedOn } from '../../src/hub/models/publish/raw-commit.ts'
import { listModelVersion } from '../../src/hub/models/publish/version.ts'
import { lookAtModel } from '../../src/publish/look.ts'
import { type PublishOrder, publishModel } from '../../src/publish/publish-model.ts'
import { treeDigest } from '../../src/publish/published-files.ts'
import { CannotPublish } from '../../src/publish/refusals.ts'
import { tagPublished } from '../../src/publish/tag.ts'
import { connect } from '../hub/connect.ts'
import { sha256 } from '../sandbox/hub/git/git-objects.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'

const run = 'acme/digits-1d55c3a'
const stable = 'acme/digits'
const main = 'refs/heads/main'
const title = 'Publish digits-1d55c3a (auto-retrain publication 1)'

/** Large enough to arrive in several pieces. */
const weights = (seed: number) => Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + seed) % 251)

const first = {
  'config.json': '{"labels":10}\n',
  'model.safetensors': weights(1),
  'onnx/model.onnx': weights(2),
  'README.md': '# The run\n',
  'training/train.py': 'print(1)\n',
  'checkpoint-500/model.safetensors': weights(3),
  'runs/events.out.tfevents.1': weights(4),
  'training_args.bin': weights(5),
}
const publishedPaths = ['config.json', 'model.safetensors', 'onnx/model.onnx']

let sandbox: SandboxHub

beforeEach(async () => {
  sandbox = await startHub({ retryDelaysMs: [] })
  sandbox.addUser({ name: 'ann', token: 'hf_ann_writes', orgs: ['acme'] })
  sandbox.createModel({ name: run, private: true, files: first })
})
afterEach(() => sandbox.close())

const hub = (token = 'hf_ann_writes') => connect(sandbox.url, token).hub
const repository = (name = stable) => sandbox.repository(name, 'model')
const head = (name = stable) => repository(name).refs.get(main) ?? ''
const titles = () => [...repository().commits.values()].map((commit) => commit.title)
const pushes = () => sandbox.requests.filter(({ path }) => path.endsWith(`${stable}/commit/main`))
const uploads = () => sandbox.storage.requests.filter(({ method }) => method === 'PUT')

interface Change extends Partial<PublishOrder> {
  token?: string
  log?: (line: string) => void
  signal?: AbortSignal
}

const publish = ({ token, log = () => {}, signal, ...change }: Change = {}) =>
  publishModel(
    hub(token),
    {
      from: { model: run, commit: head(run) },
      to: stable,
      parent: null,
      title,
      description: 'Made from acme/digits at 1d55c3a.',
      includesCode: false,
      card: ({ published, run: ofRun }) => (published === '' ? `${ofRun}published\n` : published),
      ...change,
    },
    { signal, log },
  )

/** What the official client reads there. */
async function contents(revision = 'main'): Promise<Record<string, Uint8Array>> {
  const access = { accessToken: 'hf_ann_writes', hubUrl: sandbox.url }
  const repo = { type: 'model', name: stable } as const
  const found: Record<string, Uint8Array> = {}
  for await (const { type, path } of listFiles({ ...access, repo, revision, recursive: true })) {
    if (type === 'directory' || path === '.gitattributes') continue
    const file = await downloadFile({ ...access, repo, path, revision })
    found[path] = new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0))
  }
  return found
}

const bytes = (text: string) => new TextEncoder().encode(text)
const filesOfFirst = {
  'config.json': bytes(first['config.json']),
  'model.safetensors': weights(1),
  'onnx/model.onnx': weights(2),
}

describe('A first publication', () => {
  test('It makes a private model with the files of the run in one commit, copied by the Hub.', async () => {
    const result = await publish()
    expect(repository().private).toBe(true)
    expect(titles()).toEqual(['initial commit', title])
    expect(result).toMatchObject({ commit: head(), isNew: true, streamedBytes: 0, copiedBytes: 600_000 })
    expect(await contents()).toEqual({ ...filesOfFirst, 'README.md': bytes('# The run\npublished\n') })
    expect(uploads()).toEqual([])
    const [copy] = sandbox.requests.filter(({ path }) => path.endsWith('/lfs-files/duplicate'))
    expect(copy?.path).toContain(`/${run}/`)
  })

  test('Its tag loads it with the official client, also after the next publication.', async () => {
    const { commit } = await publish()
    const tag = { model: stable, tag: 'data-1d55c3a', commit, message: 'acme/digits at 1d55c3a' }
    expect(await tagPublished(hub(), tag)).toBe('tagged')
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(9) } })
    await publish({ parent: commit, title: 'Publish again (auto-retrain publication 2)' })
    expect(await contents('data-1d55c3a')).toMatchObject(filesOfFirst)
    expect(await contents()).toMatchObject({ 'model.safetensors': weights(9) })
  })

  test('With publish-code the code is published too.', async () => {
    await publish({ includesCode: true })
    expect(Object.keys(await contents())).toContain('training/train.py')
  })

  test.each([
    ['the answer is lost', { reset: true, applied: true }],
    ['the answer is an error', { status: 502, applied: true }],
  ])('Where the model is made and %s, it is used.', async (_, fault) => {
    sandbox.fault({ method: 'POST', path: /repos\/create/, ...fault })
    expect(await publish()).toMatchObject({ commit: head(), isNew: true })
  })

  test('An empty private model, as an earlier try leaves it, is used.', async () => {
    sandbox.createModel({ name: stable, private: true })
    await publish()
    expect(titles()).toEqual(['initial commit', title])
  })

  test.each([
    ['has files', { private: true, files: { 'model.safetensors': 'theirs' } }, 'has files'],
    ['is public', { private: false }, 'is not private'],
  ])('A model that was made in between and %s is left alone.', async (_, made, problem) => {
    sandbox.createModel({ name: stable, ...made })
    const before = head()
    await expect(publish()).rejects.toThrow(problem)
    await expect(publish()).rejects.toThrow(CannotPublish)
    expect(head()).toBe(before)
  })

  test("A run's model without files to publish is refused before anything is made.", async () => {
    sandbox.commit(run, { type: 'model', deletions: publishedPaths })
    await expect(publish()).rejects.toThrow('has no file that can be published')
    expect(sandbox.state.repositories.find('model', stable)).toBeUndefined()
  })
})

describe('A later publication', () => {
  let parent: string

  beforeEach(async () => {
    parent = (await publish({ title: 'Publish the first' })).commit
  })
  const next = (change: Change = {}) => publish({ parent, ...change })

  test('Nothing is sent where the files are the same already.', async () => {
    const before = pushes().length
    sandbox.commit(run, { type: 'model', files: { 'README.md': '# Another card\n' } })
    const { tree } = (await lookAtModel(hub(), { model: stable })) ?? {}
    expect(await next()).toEqual({ commit: parent, tree, isNew: false, streamedBytes: 0, copiedBytes: 0 })
    expect(pushes()).toHaveLength(before)
  })

  test('Files that the run no longer has are deleted, and only what changed is copied.', async () => {
    sandbox.commit(run, {
      type: 'model',
      files: { 'model.safetensors': weights(7), 'vocab/a.txt': 'a\n' },
      deletions: ['onnx/model.onnx', 'config.json'],
    })
    expect(await next()).toMatchObject({ copiedBytes: 300_000, streamedBytes: 0 })
    expect(await contents()).toEqual({
      'model.safetensors': weights(7),
      'vocab/a.txt': bytes('a\n'),
      'README.md': bytes('# The run\npublished\n'),
    })
    expect(titles()).toEqual(['initial commit', 'Publish the first', title])
  })

  test('A file that moved into LFS, or out of it, is published as it is now.', async () => {
    sandbox.commit(run, { type: 'model', deletions: ['onnx/model.onnx', 'config.json'] })
    sandbox.commit(run, { type: 'model', files: { 'config.json': weights(8), 'onnx/note.txt': 'x' } })
    await next()
    expect(await contents()).toMatchObject({ 'config.json': weights(8), 'onnx/note.txt': bytes('x') })
  })

  test("The card gets both texts, and a person's text in it stays.", async () => {
    sandbox.commit(stable, { type: 'model', files: { 'README.md': 'Mine.\n' } })
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    await next({ parent: head(), card: ({ published, run: ofRun }) => `${published}${ofRun}` })
    expect(await contents()).toMatchObject({ 'README.md': bytes('Mine.\n# The run\n') })
  })

  test('A commit that came in between is not written over.', async () => {
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    sandbox.commit(stable, { type: 'model', files: { 'mine.txt': 'mine' }, title: 'Mine' })
    await expect(next()).rejects.toThrow(MovedOn)
    expect(titles().at(-1)).toBe('Mine')
  })

  test.each([
    ['the answer is lost', { reset: true, applied: true }],
    ['a proxy answers in its place', { status: 504, body: 'Gateway Time-out', applied: true }],
    ['it has an unknown form', { status: 200, body: { ok: true }, applied: true }],
  ])('Where the commit is made and %s, no second one is made.', async (_, fault) => {
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    sandbox.fault({ method: 'POST', path: /acme\/digits\/commit\/main/, ...fault })
    expect(await next()).toMatchObject({ commit: head(), isNew: true })
    expect(titles().filter((each) => each === title)).toHaveLength(1)
  })

  test('After a lost answer ours is found below a commit of a person.', async () => {
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    let done = () => {}
    const until = new Promise<void>((resolve) => {
      done = resolve
    })
    sandbox.fault({ method: 'POST', path: /acme\/digits\/commit\/main/, reset: true, applied: true, until })
    const ended = next()
    while (!titles().includes(title)) await new Promise((resolve) => setImmediate(resolve))
    const ours = head()
    sandbox.commit(stable, { type: 'model', files: { 'README.md': 'Mine.\n' }, title: 'Mine' })
    done()
    expect(await ended).toMatchObject({ commit: ours })
  })

  test('A commit that was not made is sent again, after another look by the caller.', async () => {
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    sandbox.fault({ method: 'POST', path: /acme\/digits\/commit\/main/, reset: true })
    let looks = 0
    await next({
      beforeCommit: async () => {
        looks += 1
      },
    })
    expect(looks).toBe(2)
    expect(titles().filter((each) => each === title)).toHaveLength(1)
  })

  test('A Hub that never answers the commit is asked three times.', async () => {
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    const fault = sandbox.fault({ method: 'POST', path: /acme\/digits\/commit\/main/, reset: true, times: 9 })
    await expect(next()).rejects.toThrow('got no answer')
    expect(fault.hits).toBe(3)
  })

  test('What stops right before the commit leaves nothing to see, and the next try finishes it.', async () => {
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    const stop = new Error('The job was killed.')
    await expect(next({ beforeCommit: () => Promise.reject(stop) })).rejects.toBe(stop)
    expect(head()).toBe(parent)
    expect(await contents()).toMatchObject(filesOfFirst)
    await next()
    expect(await contents()).toMatchObject({ 'model.safetensors': weights(7) })
  })

  test('A caller who aborts gets the reason, and nothing is committed.', async () => {
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const beforeCommit = async () => controller.abort(reason)
    await expect(next({ signal: controller.signal, beforeCommit })).rejects.toBe(reason)
    expect(head()).toBe(parent)
  })

  test('At no moment does main hold a part of a model.', async () => {
    sandbox.commit(run, {
      type: 'model',
      files: { 'model.safetensors': weights(7), 'config.json': '{}\n' },
      deletions: ['onnx/model.onnx'],
    })
    await next()
    const whole = [publishedPaths, ['config.json', 'model.safetensors']].map((paths) => paths.join())
    const commits = [...repository().commits.keys()].slice(1)
    const seen = await Promise.all(
      commits.map(async (revision) => {
        const files = await listModelVersion(hub(), { model: stable, revision })
        return files
          .map(({ path }) => path)
          .filter((path) => !['README.md', '.gitattributes'].includes(path))
          .join()
      }),
    )
    expect(seen).toEqual(whole)
  })

  test('The result says which files are there now.', async () => {
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    const { tree, commit } = await next()
    expect(tree).toBe((await lookAtModel(hub(), { model: stable }))?.tree)
    expect(tree).toBe(treeDigest(await listModelVersion(hub(), { model: stable, revision: commit })))
  })
})

describe('Large files that the Hub does not copy go through this machine', () => {
  const log: string[] = []
  beforeEach(() => {
    log.length = 0
  })
  const streamed = () => publish({ log: (line) => log.push(line) })

  test('Those without a hash of Xet, pushed by an old client.', async () => {
    for (const content of [weights(1), weights(2)]) repository(run).withoutXet.add(sha256(content))
    expect(await streamed()).toMatchObject({ streamedBytes: 600_000, copiedBytes: 0 })
    expect(log).toEqual([expect.stringContaining('2 files came from an old client')])
    expect(sandbox.requests.some(({ path }) => path.endsWith('/lfs-files/duplicate'))).toBe(false)
    expect(await contents()).toMatchObject(filesOfFirst)
  })

  test('The one that failed in an answer that is a success.', async () => {
    repository(run).uncopyable.add(sha256(weights(2)))
    expect(await streamed()).toMatchObject({ streamedBytes: 300_000, copiedBytes: 300_000 })
    expect(log).toEqual([expect.stringContaining('the Hub did not copy 1 file: ')])
    expect(await contents()).toMatchObject(filesOfFirst)
  })

  test('All of them where the model is in another region.', async () => {
    sandbox.createModel({ name: stable, private: true, region: 'eu' })
    expect(await streamed()).toMatchObject({ streamedBytes: 600_000, copiedBytes: 0 })
    expect(log).toEqual([expect.stringContaining('same storage region')])
    expect(await contents()).toMatchObject(filesOfFirst)
  })

  test('None twice: what the model has already is not sent again.', async () => {
    sandbox.createModel({ name: stable, private: true, region: 'eu' })
    const stop = new Error('The job was killed.')
    await expect(publish({ beforeCommit: () => Promise.reject(stop) })).rejects.toBe(stop)
    const before = uploads().length
    expect(await streamed()).toMatchObject({ streamedBytes: 0 })
    expect(uploads()).toHaveLength(before)
  })

  test('The token goes to the Hub and not to its storage.', async () => {
    sandbox.createModel({ name: stable, private: true, region: 'eu' })
    await streamed()
    expect(uploads()).toHaveLength(2)
    const told = sandbox.storage.requests.flatMap(({ headers }) => Object.values(headers))
    expect(told.some((value) => value.includes('hf_ann_writes'))).toBe(false)
  })
})

describe('A refusal says what is missing', () => {
  const refused = async (change: Change) => {
    const error = await publish(change).then(
      () => null,
      (problem: unknown) => problem,
    )
    expect(error).toBeInstanceOf(CannotPublish)
    return String(error)
  }
  const fineGrained = (...permissions: string[]) => {
    const scoped = [{ entity: { type: 'org' as const, name: 'acme' }, permissions }]
    sandbox.addToken({ token: 'hf_fine', user: 'ann', role: 'fineGrained', permissions: { scoped } })
  }

  test('A token that may not create a model.', async () => {
    fineGrained('repo.content.read')
    const text = await refused({ token: 'hf_fine' })
    expect(text).toContain('does not let hf-token create the model acme/digits')
    expect(text).toContain('permission to create repositories in acme')
  })

  test('A token that may not write the model.', async () => {
    await publish()
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    fineGrained('repo.content.read')
    const text = await refused({ token: 'hf_fine', parent: head() })
    expect(text).toContain('does not let hf-token write the model acme/digits')
    expect(text).toContain('a contributor token may write only repositories that the same token made')
  })

  test("A token that may not read the run's model, which is not named.", async () => {
    fineGrained()
    const text = await refused({ token: 'hf_fine' })
    expect(text).toContain("does not let hf-token read the run's model")
    expect(text).not.toContain(run)
  })

  test('A contributor token publishes what it made itself.', async () => {
    fineGrained('repo.content.read', 'repo.contribute')
    const { commit } = await publish({ token: 'hf_fine' })
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    expect(await publish({ token: 'hf_fine', parent: commit, title: 'Again' })).toMatchObject({ isNew: true })
  })

  test('A contributor token is refused what another token made, and hears why.', async () => {
    const { commit } = await publish()
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    fineGrained('repo.content.read', 'repo.contribute')
    const text = await refused({ token: 'hf_fine', parent: commit })
    expect(text).toContain('a contributor token may write only repositories that the same token made')
  })

  test('A model that was renamed.', async () => {
    const { commit } = await publish()
    sandbox.commit(run, { type: 'model', files: { 'model.safetensors': weights(7) } })
    sandbox.rename(stable, 'acme/numbers', 'model')
    expect(await refused({ parent: commit })).toContain('was renamed')
  })

  test('A Hub that is down is no refusal.', async () => {
    sandbox.fault({ path: /tree/, status: 500, times: 9 })
    await expect(publish()).rejects.toMatchObject({ name: 'HttpError', status: 500 })
  })
})
