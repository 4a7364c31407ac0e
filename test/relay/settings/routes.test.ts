import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseHubEvent } from '../../../src/event/payload.ts'
import { parseRoutes } from '../../../src/relay/settings/routes.ts'
import { findTargets } from '../../../src/relay/targets.ts'
import type { SandboxGitHub } from '../../sandbox/github/github.ts'
import { hubEvent, newSha, oldSha } from '../event.ts'
import {
  deliver,
  environment,
  type LocalRelay,
  repository,
  startLocalRelay,
  startSandbox,
} from '../local-relay.ts'

const path = /\/dispatches$/
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

async function start(routes: object[]): Promise<LocalRelay> {
  const env = environment(github, { GITHUB_REPOSITORY: undefined, RELAY_ROUTES: JSON.stringify(routes) })
  relay = await startLocalRelay(env)
  return relay
}

const targetsOf = (name: string, patterns: string[], change: object = {}) => {
  const routes = patterns.map((dataset, n) => ({ dataset, repository: `acme/r${n}` }))
  const parsed = parseHubEvent(hubEvent({ repo: { name }, ...change }))
  if (!parsed.ok) throw new Error('The event is wrong.')
  const { targets, rule } = findTargets(parsed.event, parseRoutes(JSON.stringify(routes), 'hub-webhook'))
  return targets.length === 0 ? rule : targets.map((target) => target.repository)
}

describe('Dataset patterns', () => {
  test.each([
    ['acme/digits', 'acme/digits', true],
    ['acme/digits', 'acme/digitsx', false],
    ['acme/digits', 'xacme/digits', false],
    ['acme/*', 'acme/digits', true],
    ['acme/*', 'acme2/digits', false],
    ['*/digits', 'acme/digits', true],
    ['*/*', 'acme/digits', true],
    ['acme/dig*', 'acme/digits', true],
    ['acme/d*s', 'acme/digits', true],
    ['acme/d*x', 'acme/digits', false],
    ['acme/d.gits', 'acme/digits', false],
    ['acme/*', 'digits', false],
  ])('The pattern %s matches the dataset %s: %s.', (pattern, name, matches) => {
    const rule = 'this dataset is not watched'
    expect(targetsOf(name, [pattern])).toEqual(matches ? ['acme/r0'] : rule)
  })
})

test('A dataset in another case does not match, and the reason says so.', () => {
  expect(targetsOf('Acme/Digits', ['b/c', 'acme/digits'])).toContain('upper and lower case')
})

test('The reason for ignoring an event comes from the route that watches the dataset.', () => {
  const pr = { updatedRefs: [{ ref: 'refs/pr/1', newSha }] }
  expect(targetsOf('acme/digits', ['b/c', 'acme/*'], pr)).toBe('refs/heads/main did not move, only refs/pr/1')
})

describe('Invalid RELAY_ROUTES', () => {
  const good = { dataset: 'acme/digits', repository: 'acme/retrain' }
  test.each([
    ['{}', 'RELAY_ROUTES must be a JSON array'],
    ['[', 'RELAY_ROUTES must be a JSON array'],
    ['[]', 'RELAY_ROUTES must have at least one entry'],
    [JSON.stringify(Array(101).fill(good)), 'RELAY_ROUTES must have at most 100 entries'],
    [JSON.stringify([good, 'x']), 'RELAY_ROUTES[1] must be an object'],
    [
      JSON.stringify([good, { ...good, dataset: 'digits' }]),
      'RELAY_ROUTES[1].dataset must be namespace/name, with at most one * in each half, not "digits".',
    ],
    [JSON.stringify([{ ...good, dataset: '**/x' }]), 'RELAY_ROUTES[0].dataset must be namespace/name'],
    [JSON.stringify([{ ...good, repository: undefined }]), 'RELAY_ROUTES[0].repository must be owner/name.'],
    [
      JSON.stringify([{ ...good, repository: 'a/..' }]),
      'RELAY_ROUTES[0].repository must be owner/name, not "a/..".',
    ],
    [
      JSON.stringify([{ ...good, event_type: '' }]),
      'RELAY_ROUTES[0].event_type must have 1 to 100 characters',
    ],
    [
      JSON.stringify([{ ...good, ref: 'main' }]),
      'RELAY_ROUTES[0].ref must be refs/heads/BRANCH, not "main".',
    ],
    [
      JSON.stringify([{ ...good, reff: 'x' }]),
      'RELAY_ROUTES[0] must be an object with the keys dataset and repository, optionally event_type, ref, id and models',
    ],
    [JSON.stringify([{ ...good, dataset: '../digits' }]), 'RELAY_ROUTES[0].dataset must be namespace/name'],
    [
      JSON.stringify([{ ...good, id: '6366C000' }]),
      'RELAY_ROUTES[0].id must be the dataset\'s _id at the Hub, 24 hex digits, not "6366C000".',
    ],
    [JSON.stringify([{ ...good, id: 5 }]), "RELAY_ROUTES[0].id must be the dataset's _id at the Hub"],
    [
      JSON.stringify([good, { ...good, dataset: 'acme/*', id: 'a'.repeat(24) }]),
      'RELAY_ROUTES[1] has an id and a dataset with *: an id is of one dataset, so write its name.',
    ],
    [
      JSON.stringify([{ ...good, models: 'a/b' }]),
      'RELAY_ROUTES[0].models must be a list of models, each namespace/name of a model',
    ],
    [
      JSON.stringify([{ ...good, models: ['a/b', '../c'] }]),
      'RELAY_ROUTES[0].models[1] must be namespace/name of a model, not "../c".',
    ],
    [
      JSON.stringify([{ ...good, models: Array(21).fill('a/b') }]),
      'RELAY_ROUTES[0].models must have at most 20 models.',
    ],
  ])('The error for RELAY_ROUTES=%s names the entry.', (text, sentence) => {
    expect(() => parseRoutes(text, 'x')).toThrow(sentence)
  })
})

test('One event goes to every matching route, and once to each target.', async () => {
  const { url } = await start([
    { dataset: 'acme/digits', repository },
    { dataset: 'acme/*', repository: 'ACME/Retrain' },
    { dataset: '*/digits', repository: 'acme/other', event_type: 'digits-changed' },
    { dataset: 'acme/letters', repository: 'acme/none' },
  ])
  const answer = await deliver(url)
  expect(answer).toMatchObject({ status: 202 })
  expect(answer.json?.dispatched).toHaveLength(2)
  expect(github.dispatches.map((dispatch) => [dispatch.repository, dispatch.eventType]).toSorted()).toEqual([
    ['acme/other', 'digits-changed'],
    ['acme/retrain', 'hub-webhook'],
  ])
})

test('Each route has its own branch and gets the revision of that branch.', async () => {
  const dev = 'refs/heads/dev'
  const { url } = await start([
    { dataset: 'acme/digits', repository },
    { dataset: 'acme/digits', repository: 'acme/other', ref: dev },
  ])
  const devSha = 'd'.repeat(40)
  const main = { ref: 'refs/heads/main', oldSha, newSha }
  await deliver(url, {
    body: JSON.stringify(hubEvent({ updatedRefs: [main, { ref: dev, oldSha, newSha: devSha }] })),
  })
  const shas = Object.fromEntries(github.dispatches.map((sent) => [sent.repository, sent.clientPayload.sha]))
  expect(shas).toEqual({ [repository]: newSha, 'acme/other': devSha })
})

test('When one target fails, the answer is not 2xx and lists the accepted and the failed targets.', async () => {
  const { url, lines } = await start([
    { dataset: 'acme/digits', repository },
    { dataset: 'acme/digits', repository: 'acme/none' },
  ])
  const answer = await deliver(url, { headers: { 'webhook-id': 'msg_again' } })
  expect(answer.status).toBe(502)
  expect(answer.json).toMatchObject({ dispatched: [repository], failed: ['acme/none'] })
  expect(lines).toMatchObject([
    { accepted: [repository], reason: expect.stringMatching(/^acme\/none: GitHub answered 404/) },
  ])
})

test('A retry of a delivery dispatches again, under the same id, to the target that had accepted it.', async () => {
  const { url } = await start([
    { dataset: 'acme/digits', repository },
    { dataset: 'acme/digits', repository: 'acme/other' },
  ])
  github.fault({ path: /other\/dispatches$/, times: 1, status: 500 })
  const headers = { 'webhook-id': 'msg_again' }
  expect(await deliver(url, { headers })).toMatchObject({ status: 503, json: { failed: ['acme/other'] } })
  expect(await deliver(url, { headers })).toMatchObject({ status: 202 })
  const ids = github.dispatches.map((sent) => `${sent.repository} ${sent.clientPayload.id}`)
  expect(ids.toSorted()).toEqual(['acme/other msg_again', 'acme/retrain msg_again', 'acme/retrain msg_again'])
})

test('When one target refuses and another is unavailable, the answer is the refusal.', async () => {
  const { url } = await start([
    { dataset: 'acme/digits', repository: 'acme/none' },
    { dataset: 'acme/digits', repository: 'acme/other' },
  ])
  github.fault({ path: /other\/dispatches$/, times: 1, status: 500 })
  expect(await deliver(url)).toMatchObject({ status: 502, json: { dispatched: [] } })
  expect(github.requests.filter((request) => path.test(request.path))).toHaveLength(2)
})
