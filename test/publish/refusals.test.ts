import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { CannotPublish } from '../../src/publish/refusals.ts'
import { type Change, run, type Stage, stable, startStage, weights } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await startStage()
})
afterEach(() => stage.sandbox.close())

describe('A refusal says what is missing', () => {
  const refused = async (change: Change) => {
    const error = await stage.publish(change).then(
      () => null,
      (problem: unknown) => problem,
    )
    expect(error).toBeInstanceOf(CannotPublish)
    return String(error)
  }
  const fineGrained = (...permissions: string[]) => {
    const scoped = [{ entity: { type: 'org' as const, name: 'acme' }, permissions }]
    stage.sandbox.addToken({ token: 'hf_fine', user: 'ann', role: 'fineGrained', permissions: { scoped } })
  }

  test('A token that may not create a model.', async () => {
    fineGrained('repo.content.read')
    const text = await refused({ token: 'hf_fine' })
    expect(text).toContain('does not let hf-token create the model acme/digits')
    expect(text).toContain('permission to create repositories in acme')
  })

  test('A token that may not write the model.', async () => {
    await stage.publish()
    stage.commit({ 'model.safetensors': weights(7) })
    fineGrained('repo.content.read')
    const text = await refused({ token: 'hf_fine', parent: stage.head() })
    expect(text).toContain('does not let hf-token write the model acme/digits')
    expect(text).toContain('A contributor token may write only repositories that the same token made.')
  })

  test("A token that may not read the run's model, which is not named.", async () => {
    fineGrained()
    const text = await refused({ token: 'hf_fine' })
    expect(text).toContain("does not let hf-token read the run's model")
    expect(text).not.toContain(run)
  })

  test('A large file that the token may not read on its way through the runner.', async () => {
    stage.sandbox.createModel({ name: stable, private: true, region: 'eu' })
    stage.sandbox.fault({ path: /resolve\/.*safetensors/, status: 403, body: { error: 'Not yours' } })
    expect(await refused({})).toContain("does not let hf-token read the run's model")
  })

  test('Storage that refuses a large file is no refusal of the Hub: the next check tries again.', async () => {
    stage.sandbox.createModel({ name: stable, private: true, region: 'eu' })
    stage.sandbox.storage.fault({ method: 'PUT', path: /objects/, status: 403, body: 'Request has expired' })
    await expect(stage.publish()).rejects.toMatchObject({ name: 'HttpError', status: 403 })
  })

  test('A contributor token publishes what it made itself.', async () => {
    fineGrained('repo.content.read', 'repo.contribute')
    const { commit } = await stage.publish({ token: 'hf_fine' })
    stage.commit({ 'model.safetensors': weights(7) })
    expect(await stage.publish({ token: 'hf_fine', parent: commit, title: 'Again' })).toMatchObject({
      isNew: true,
    })
  })

  test('A contributor token is refused what another token made, and hears why.', async () => {
    const { commit } = await stage.publish()
    stage.commit({ 'model.safetensors': weights(7) })
    fineGrained('repo.content.read', 'repo.contribute')
    const text = await refused({ token: 'hf_fine', parent: commit })
    expect(text).toContain('A contributor token may write only repositories that the same token made.')
  })

  test('A contributor token that cannot even see what another token made hears why.', async () => {
    await stage.publish()
    fineGrained('repo.contribute')
    stage.sandbox.repository(run, 'model').private = false
    const text = await refused({ token: 'hf_fine' })
    expect(text).toContain('exists already, and hf-token may not read it')
    expect(text).toContain('A contributor token may write only repositories that the same token made.')
  })

  test('A model that was renamed.', async () => {
    const { commit } = await stage.publish()
    stage.commit({ 'model.safetensors': weights(7) })
    stage.sandbox.rename(stable, 'acme/numbers', 'model')
    expect(await refused({ parent: commit })).toContain('was renamed')
  })

  test("A commit of the run's model that is gone.", async () => {
    expect(await refused({ from: { model: run, commit: 'a'.repeat(40) } })).toContain(
      "run's model no longer has the commit that was trained",
    )
  })

  test('A card that the Hub does not accept, in its words.', async () => {
    const text = await refused({ card: () => '---\nlicense: mine\n---\n' })
    expect(text).toContain('does not accept the publication (the Hub answered 400')
    expect(text).toContain('Invalid YAML in README.md')
    expect(stage.titles()).toEqual(['initial commit'])
  })

  test('More small files than fit into one commit.', async () => {
    const text = 'a line of text\n'.repeat(600_000)
    stage.commit(Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`${index}.txt`, text])))
    expect(await refused({})).toContain('not in LFS have 54 MB: at most 52 MB can be published')
  })

  test('A Hub that is down is no refusal.', async () => {
    stage.sandbox.fault({ path: /tree/, status: 500, times: 9 })
    await expect(stage.publish()).rejects.toMatchObject({ name: 'HttpError', status: 500 })
  })
})
