import { describe, expect, test } from '@jest/globals'
import { startMessage } from '../../../src/relay/adapters/start-message.ts'
import type { Route } from '../../../src/relay/settings/routes.ts'

const route: Route = {
  dataset: '*/*',
  repository: 'acme/retrain',
  eventType: 'hub-webhook',
  ref: 'refs/heads/main',
  id: null,
  models: [],
}

const message = (routes: Route[]) =>
  startMessage({ url: 'http://127.0.0.1:7860', onAllAddresses: false, routes, reconcileEveryMs: null })

test('The start message says that a relay without INPUT_DATASET forwards any dataset.', () => {
  expect(message([route])).toEqual([
    'The relay listens on http://127.0.0.1:7860',
    'Commits on any dataset (refs/heads/main) are sent to acme/retrain as hub-webhook',
  ])
})

test('The start message lists ten routes and counts the others.', () => {
  const lines = message(Array(13).fill(route))
  expect(lines).toHaveLength(12)
  expect(lines.at(-1)).toBe('... and 3 more routes')
})

describe('Where the relay reconciles', () => {
  const named = { ...route, dataset: 'acme/digits' }
  const last = (routes: Route[]) =>
    startMessage({ url: 'http://x', onAllAddresses: false, routes, reconcileEveryMs: 900_000 }).at(-1)

  test('The last line of the start message says how often.', () => {
    expect(last([named, named])).toBe('Every 15 min it asks the Hub for commits that no webhook reported')
  })

  test('It says for how many routes, where some name no single dataset.', () => {
    expect(last([named, route, route])).toBe(
      'Every 15 min it asks the Hub for commits that no webhook reported, for 1 of 3 routes: the others name no single dataset',
    )
  })

  test('It warns where that takes more than half of the requests that GitHub allows a token, and says how often is fine.', () => {
    const linesFor = (minutes: number) =>
      startMessage({
        url: 'http://x',
        onAllAddresses: false,
        routes: [...Array<Route>(100).fill(named), route],
        reconcileEveryMs: minutes * 60_000,
      })
    expect(linesFor(1).at(-1)).toBe(
      'Warning: that is 6000 requests an hour at least, and GitHub allows a token 5000, which webhooks need too: set RECONCILE_EVERY to 3m or more',
    )
    expect(linesFor(3).at(-1)).toMatch(/^Every 3 min /)
  })
})
