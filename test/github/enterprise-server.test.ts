import { afterEach, expect, test } from '@jest/globals'
import { createGitData } from '../../src/github/git-data.ts'
import { systemClock } from '../../src/http/clock.ts'
import { deliver, environment, repository, startLocalRelay, startSandbox } from '../relay/local-relay.ts'
import { startEnterpriseServer } from './enterprise-server.ts'
import { startGitHubWithApp } from './github-app-server.ts'

const closing: (() => Promise<unknown>)[] = []
const later = <T extends { close(): Promise<unknown> }>(server: T): T => {
  closing.unshift(() => server.close())
  return server
}

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

test("The ledger's refs, tags and GraphQL queries reach an Enterprise Server.", async () => {
  const sandbox = later(await startSandbox())
  const server = later(await startEnterpriseServer(sandbox))
  const git = createGitData({
    repository,
    apiUrl: server.url,
    token: sandbox.issueToken(repository, { contents: 'write', metadata: 'read' }),
    commit: sandbox.repositories[0]?.headSha ?? '',
    platformFetch: fetch,
    clock: systemClock,
  })
  const sha = await git.createTag({ tag: 'try-1', message: 'first' })
  await git.createRef('refs/auto-retrain/x/1', sha)
  const other = await git.createTag({ tag: 'try-2', message: 'second' })
  await git.updateRef('refs/auto-retrain/x/1', other)
  expect(await git.readRef('refs/auto-retrain/x/1')).toBe(other)
  expect(await git.listRefs('refs/auto-retrain/x')).toEqual(new Map([['refs/auto-retrain/x/1', other]]))
  expect(await git.readTag(sha)).toBe('first')
  expect(await git.readTags([sha, other])).toEqual(
    new Map([
      [sha, 'first'],
      [other, 'second'],
    ]),
  )
  await git.deleteRef('refs/auto-retrain/x/1')
  expect(await git.readRef('refs/auto-retrain/x/1')).toBeNull()
  expect(server.requests).toContain('POST /api/graphql')
})

test("The relay's checks and dispatches reach an Enterprise Server.", async () => {
  const sandbox = later(await startSandbox())
  const server = later(await startEnterpriseServer(sandbox))
  const relay = await startLocalRelay(environment(server))
  closing.unshift(() => relay.drain())
  expect(await relay.check()).toBe(true)
  expect(await deliver(relay.url)).toMatchObject({ status: 202 })
  expect(sandbox.dispatches).toHaveLength(1)
  expect(server.requests).toEqual([
    `GET /api/v3/repos/${repository}`,
    `POST /api/v3/repos/${repository}/dispatches`,
  ])
})

test('An App creates its tokens on an Enterprise Server.', async () => {
  const app = later(await startGitHubWithApp([repository]))
  const server = later(await startEnterpriseServer(app))
  const credentials = {
    GITHUB_TOKEN: '',
    GITHUB_APP_ID: app.appId,
    GITHUB_APP_PRIVATE_KEY: app.privateKey,
  }
  const relay = await startLocalRelay(environment(server, credentials))
  closing.unshift(() => relay.drain())
  expect(await deliver(relay.url)).toMatchObject({ status: 202 })
  expect(server.requests).toEqual([
    `GET /api/v3/repos/${repository}/installation`,
    'POST /api/v3/app/installations/99/access_tokens',
    `POST /api/v3/repos/${repository}/dispatches`,
  ])
})
