import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createNotifier } from '../../../src/action/notify/notify.ts'
import type { Log } from '../../../src/run/log/log.ts'
import { connect } from '../../hub/connect.ts'
import { contextWith, outcomeWith, recipeWith } from '../../report/outcomes.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'

const dataset = 'acme/digits'
let sandbox: SandboxHub
let warnings: string[]

beforeEach(async () => {
  warnings = []
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann', orgs: ['acme'] })
  sandbox.createDataset({ name: dataset, files: { 'a.txt': 'a' } })
})
afterEach(() => sandbox.close())

const log: Log = {
  info: () => undefined,
  debug: () => undefined,
  notice: () => undefined,
  warning: (message) => warnings.push(message),
  group: (_title, work) => work(),
}

/** A run of the action: its start and its end are announced. */
async function announceRun() {
  const report = contextWith({ hubUrl: sandbox.url })
  const notifier = createNotifier({ hub: connect(sandbox.url, 'hf_ann').hub, report })
  const signal = AbortSignal.timeout(20_000)
  const recipe = recipeWith({ discussion: 'thread' })
  const start = outcomeWith({ recipe, verdict: 'started', end: null, discussionUrl: null })
  const end = outcomeWith({ recipe, discussionUrl: null })
  return [
    await notifier.dataset({ recipe, outcome: start, log, signal }),
    await notifier.dataset({ recipe, outcome: end, log, signal }),
  ]
}

const posts = () =>
  sandbox.requests.filter(({ method, path }) => method === 'POST' && /discussions/.test(path))

test("Discussions that are switched off are refused once in a run, with one warning and the Hub's words.", async () => {
  const words = 'Discussions are disabled for this repo'
  sandbox.fault({ method: 'POST', path: /discussions/, status: 403, body: { error: words }, times: 9 })
  const notes = await announceRun()
  expect(posts()).toHaveLength(1)
  expect(warnings).toEqual([
    expect.stringMatching(
      /^Discussion on the dataset: none: .*: "Discussions are disabled for this repo"; turn them on .*, or set discussion: off\.$/,
    ),
  ])
  expect(warnings.join()).not.toContain('the write role')
  expect(notes[1]).toEqual(notes[0])
})

test('A failure that passes by itself is tried again at the end of the run.', async () => {
  sandbox.fault({ method: 'POST', path: /discussions$/, status: 500 })
  await announceRun()
  expect(sandbox.discussions(dataset)).toHaveLength(1)
})
