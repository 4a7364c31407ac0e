import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { SandboxGitHub } from '../../sandbox/github/github.ts'
import { dataset, hubEvent } from '../event.ts'
import {
  deliver,
  environment,
  type LocalRelay,
  repository,
  startLocalRelay,
  startSandbox,
} from '../local-relay.ts'

const id = '6366c000a2abcdf2fd69a080'
const otherId = 'ffffffffffffffffffffffff'
const renamed = 'acme/numbers'
let github: SandboxGitHub
let relay: LocalRelay | undefined

beforeEach(async () => {
  github = await startSandbox()
})

afterEach(async () => {
  await relay?.drain()
  relay = undefined
  await github.close()
})

async function start(...routes: object[]): Promise<void> {
  const env = environment(github, { GITHUB_REPOSITORY: undefined, RELAY_ROUTES: JSON.stringify(routes) })
  relay = await startLocalRelay(env)
}
const send = (repo: Record<string, unknown>, change = {}) =>
  deliver(relay?.url ?? '', { body: JSON.stringify(hubEvent({ repo, ...change })) })
const withId = { dataset, repository, id }
const goesOn = `${dataset} is called ${renamed} now: its route goes on by the id; change input-dataset in the recipe, and dataset in RELAY_ROUTES`

describe('A route with the id of its dataset', () => {
  test('It serves the dataset under its own name, without a warning.', async () => {
    await start(withId)
    expect(await send({ name: dataset, id })).toMatchObject({ status: 202 })
    expect(relay?.lines).toMatchObject([{ level: 'info', outcome: 'dispatched' }])
  })

  test('It serves the dataset under a new name, with a warning that says what to change.', async () => {
    await start(withId)
    expect(await send({ name: renamed, id })).toMatchObject({ status: 202 })
    expect(github.dispatches).toMatchObject([{ repository, clientPayload: { dataset: renamed } }])
    expect(relay?.lines).toMatchObject([
      { level: 'warn', outcome: 'dispatched', reason: expect.stringContaining(goesOn) },
    ])
  })

  test('The move event itself is a warning, and starts nothing.', async () => {
    await start(withId)
    const event = { event: { action: 'move', scope: 'repo' }, movedTo: { name: renamed } }
    expect(await send({ name: dataset, id }, event)).toMatchObject({ status: 200 })
    expect(relay?.lines).toMatchObject([{ level: 'warn', outcome: 'ignored', reason: goesOn }])
    expect(github.dispatches).toEqual([])
  })

  test('Another dataset that took the old name is not served, and the warning names both ids.', async () => {
    await start(withId)
    expect(await send({ name: dataset, id: otherId })).toMatchObject({
      status: 200,
      json: { processed: false },
    })
    expect(github.dispatches).toEqual([])
    expect(relay?.lines).toMatchObject([
      {
        level: 'warn',
        outcome: 'ignored',
        reason: `acme/digits is the dataset ${otherId}, and its route in RELAY_ROUTES is for ${id}: correct the route's dataset or id`,
      },
    ])
  })

  test('Both datasets are kept apart once the old name is taken: each event goes by its id.', async () => {
    await start(withId, { dataset, repository: 'acme/other', id: otherId })
    await send({ name: renamed, id })
    await send({ name: dataset, id: otherId })
    expect(github.dispatches.map(({ repository: to, clientPayload }) => [to, clientPayload.dataset])).toEqual(
      [
        [repository, renamed],
        ['acme/other', dataset],
      ],
    )
  })

  test('An event without an id goes by the name.', async () => {
    await start(withId)
    expect(await send({ name: dataset, id: undefined })).toMatchObject({ status: 202 })
  })

  test('A route without an id still takes whatever has the name.', async () => {
    await start(withId, { dataset, repository: 'acme/other' })
    expect(await send({ name: dataset, id: otherId })).toMatchObject({ status: 202 })
    expect(github.dispatches.map(({ repository: to }) => to)).toEqual(['acme/other'])
  })

  test('Its branch and scope still count under the new name.', async () => {
    await start(withId)
    const updatedRefs = [{ ref: 'refs/pr/1', oldSha: null, newSha: 'c'.repeat(40) }]
    expect(await send({ name: renamed, id }, { updatedRefs })).toMatchObject({ status: 200 })
    expect(github.dispatches).toEqual([])
  })

  test('The id is known after a thousand other datasets.', async () => {
    await start(withId, { dataset: 'old/*', repository: 'acme/none' })
    const updatedRefs: object[] = []
    for (let n = 0; n <= 1000; n += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, m) =>
          send({ name: `old/${n + m}`, id: `${n + m}` }, { updatedRefs }),
        ),
      )
    }
    await send({ name: renamed, id })
    expect(relay?.lines.at(-1)).toMatchObject({ level: 'warn', outcome: 'dispatched' })
  })
})
