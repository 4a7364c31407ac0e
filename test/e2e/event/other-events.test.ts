import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { names } from '../../sandbox/world.ts'
import { after } from '../stage/action-run.ts'
import { envelopeFor } from '../stage/dispatches.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'

let stage: Stage
let watched: Case

beforeAll(async () => {
  stage = await startStage()
  watched = stage.case({ name: 'digits-to-train' })
  const relay = await stage.connectRelay({ EVENT_TYPE: watched.name })
  stage.hub.webhook({
    url: `${relay.url}/webhook`,
    secret: names.webhookSecret,
    watched: [watched.dataset],
    domains: ['repo', 'discussion'],
  })
})
afterAll(() => stage.close())

describe('An event that is not a commit to the watched branch', () => {
  const acts: [string, (name: string) => unknown, RegExp][] = [
    [
      'a pull request',
      (name) => stage.hub.openPullRequest(name, { files: { 'train/1/one.txt': 'one' } }),
      /refs\/heads\/main did not move, only refs\/pr\/\d+/,
    ],
    ['a tag', (name) => stage.hub.tag(name, 'v1'), /did not move, only refs\/tags\/v1/],
    ['another branch', (name) => stage.hub.branch(name, 'draft'), /did not move, only refs\/heads\/draft/],
    ['a deleted branch', (name) => stage.hub.deleteRef(name, 'refs/heads/draft'), /did not move/],
    ['a changed setting', (name) => stage.hub.setPrivate(name, true), /repo\.config/],
    ['a setting that is changed back', (name) => stage.hub.setPrivate(name, false), /repo\.config/],
    ['a discussion', (name) => stage.hub.discuss(name, { title: 'More sevens?' }), /discussion/],
    ['a comment', (name) => stage.hub.comment(name, 1, 'Yes, more.'), /discussion\.comment/],
    ['a closed discussion', (name) => stage.hub.closeDiscussion(name, 1), /discussion/],
  ]

  test.each(acts)('The relay ignores %s and says why.', async (_, act, reason) => {
    const made = { dispatches: stage.github.dispatches.length, calls: stage.autotrain.requests.length }
    const { deliveries, runs } = await after(stage, () => act(watched.dataset))
    expect(runs).toEqual([])
    expect(deliveries.length).toBeGreaterThan(0)
    for (const { attempts } of deliveries) {
      expect(attempts).toHaveLength(1)
      expect(attempts[0]?.status).toBe(200)
      expect(JSON.parse(attempts[0]?.body ?? '')).toMatchObject({ processed: false })
    }
    expect(deliveries.map(({ attempts }) => JSON.parse(attempts[0]?.body ?? '').reason).join()).toMatch(
      reason,
    )
    expect(stage.github.dispatches).toHaveLength(made.dispatches)
    expect(stage.autotrain.requests).toHaveLength(made.calls)
  })
})

describe('A dispatch by a relay that does not filter', () => {
  test.each([
    ['a pull request', { ref: 'refs/pr/3' }, /refs\/heads\/main did not move, only refs\/pr\/3/],
    ['a tag', { ref: 'refs/tags/v1' }, /only refs\/tags\/v1/],
    ['another branch', { ref: 'refs/heads/draft' }, /only refs\/heads\/draft/],
    ['another dataset', { dataset: 'acme/letters' }, /this dataset is not watched/],
    ['the dataset in other letter case', { dataset: 'acme/Digits-to-train' }, /upper and lower case/],
  ])('The action skips a dispatch for %s and names the rule.', async (_, change, rule) => {
    const calls = stage.autotrain.requests.length
    const event = { dataset: watched.dataset, sha: watched.head(), ...change }
    const run = await watched.dispatchRaw(await envelopeFor(event))
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0, errors: [] })
    expect(run.reason).toMatch(/^Not an event for this recipe: /)
    expect(run.reason).toMatch(rule)
    expect(stage.autotrain.requests).toHaveLength(calls)
  })
})
