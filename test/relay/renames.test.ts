import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createRenameSearch } from '../../src/relay/renames.ts'
import type { Route } from '../../src/relay/settings/routes.ts'
import type { SandboxGitHub } from '../sandbox/github/github.ts'
import { dataset, hubEvent } from './event.ts'
import {
  deliver,
  environment,
  type LocalRelay,
  repository,
  startLocalRelay,
  startSandbox,
} from './local-relay.ts'

const route = (pattern: string): Route => ({
  dataset: pattern,
  repository,
  eventType: 'hub-webhook',
  ref: 'refs/heads/main',
  id: null,
  models: [],
})
const adminToken = 'open-sesame-open-sesame'
const move = (from: string, to: string) =>
  hubEvent({ event: { action: 'move', scope: 'repo' }, repo: { name: from }, movedTo: { name: to } })
const commit = (name: string) => hubEvent({ repo: { name } })

let github: SandboxGitHub
let relay: LocalRelay

beforeEach(async () => {
  github = await startSandbox()
  relay = await startLocalRelay(
    environment(github, { INPUT_DATASET: dataset, RELAY_ADMIN_TOKEN: adminToken }),
  )
})
afterEach(async () => {
  await relay.drain()
  await github.close()
})

const send = (event: object) => deliver(relay.url, { body: JSON.stringify(event) })
const deliveries = () => relay.lines.filter(({ message }) => String(message).startsWith('Delivery'))
const whatToChange =
  "acme/digits is called acme/numbers now: change the recipe's input-dataset, then INPUT_DATASET or RELAY_ROUTES"

describe('A watched dataset that is renamed', () => {
  test('Its move event is logged at warn with the old name, the new name and what to change.', async () => {
    const answer = await send(move(dataset, 'acme/numbers'))
    expect(answer).toMatchObject({ status: 200, json: { processed: false, reason: whatToChange } })
    expect(deliveries()).toMatchObject([
      {
        level: 'warn',
        outcome: 'ignored',
        reason: whatToChange,
      },
    ])
  })

  test('A commit under the new name is logged at warn where its id is known under the old one.', async () => {
    await send(commit(dataset))
    await send(commit('acme/numbers'))
    await send(commit('acme/numbers'))
    expect(deliveries().map(({ level, outcome }) => [level, outcome])).toEqual([
      ['info', 'dispatched'],
      ['warn', 'ignored'],
      ['warn', 'ignored'],
    ])
    expect(deliveries()[1]).toMatchObject({ reason: whatToChange })
  })

  test('The page says so without names, and the list of deliveries has the names.', async () => {
    const get = (path: string, headers = {}) =>
      deliver(relay.url, { path, method: 'GET', headers: { 'x-webhook-secret': undefined, ...headers } })
    const words = 'A watched dataset was renamed: see the log.'
    expect((await get('/')).text).not.toContain(words)
    await send(move(dataset, 'acme/numbers'))
    const page = (await get('/')).text
    expect(page).toContain(words)
    expect(page).not.toMatch(/acme\/(?:digits|numbers)/)
    const list = (await get('/deliveries', { authorization: `Bearer ${adminToken}` })).text
    expect(list).toContain('acme/digits is called acme/numbers now')
    expect(list).toContain('<span class="mark bad">Ignored</span>')
  })
})

describe('Other events', () => {
  test('The move of a dataset that is not watched, or of a model, is an ordinary ignored event.', async () => {
    await send(move('acme/letters', 'acme/words'))
    await send({ ...move(dataset, 'acme/numbers'), repo: { type: 'model', name: dataset } })
    expect(deliveries().map(({ level }) => level)).toEqual(['info', 'info'])
  })

  test('A move without a valid new name is an ordinary ignored event.', async () => {
    await send({ ...move(dataset, ''), movedTo: { name: 'a b\n' } })
    expect(deliveries()[0]).toMatchObject({ level: 'info', outcome: 'ignored' })
  })
})

test('Where the new name is watched too, its commit is dispatched, and one warning is enough', () => {
  const findRename = createRenameSearch({ routes: [route('*/*')] })
  const event = (name: string) => ({
    event: { action: 'update', scope: 'repo.content' },
    repo: { type: 'dataset', name, id: '1' },
  })
  expect(['a/b', 'a/c', 'a/c'].map((name) => findRename(event(name)))).toEqual([
    '',
    expect.stringMatching(/^a\/b is called a\/c now: /),
    '',
  ])
})

test('The relay forgets the oldest of more than a thousand datasets', () => {
  const findRename = createRenameSearch({ routes: [route('old/*')] })
  const event = (name: string, id: number) => ({
    event: { action: 'update', scope: 'repo.content' },
    repo: { type: 'dataset', name, id: String(id) },
  })
  for (let id = 0; id <= 1000; id += 1) findRename(event(`old/${id}`, id))
  expect(findRename(event('new/0', 0))).toBe('')
  expect(findRename(event('new/1000', 1000))).toMatch(/^old\/1000 is called new\/1000 now: /)
})
