import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { withModelVisibility } from '../../../src/action/notify/model-visibility.ts'
import { connect } from '../../hub/connect.ts'
import { outcomeWith, pastRun } from '../../report/outcomes.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'

let hub: SandboxHub
beforeEach(async () => {
  hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann', orgs: ['acme'] })
})
afterEach(() => hub.close())

const history = [
  pastRun(1, { model: 'acme/old', modelVisibility: 'unknown' }),
  pastRun(2, { model: 'acme/gone', modelVisibility: 'unknown' }),
  pastRun(3, { model: null, modelVisibility: 'unknown' }),
]
const ask = (datasetVisibility: 'public' | 'private') =>
  withModelVisibility(
    outcomeWith({ datasetVisibility, modelVisibility: 'unknown', history, baseline: history[0]! }),
    { hub: connect(hub.url, 'hf_ann').hub, signal: AbortSignal.timeout(20_000) },
  )

test('The Hub says who can read the models of this run and of earlier ones; one that is gone stays unknown', async () => {
  hub.createModel({ name: 'acme/digits-3f2a9c4', private: true })
  hub.createModel({ name: 'acme/old' })
  const outcome = await ask('public')
  expect(outcome.modelVisibility).toBe('private')
  expect(outcome.history.map(({ modelVisibility }) => modelVisibility)).toEqual([
    'public',
    'unknown',
    'unknown',
  ])
  expect(outcome.baseline?.modelVisibility).toBe('public')
})

test('Nothing is asked for the discussion of a private dataset, whose readers may know the rest', async () => {
  await ask('private')
  expect(hub.requests).toEqual([])
})

test('A Hub that does not answer leaves every model unknown', async () => {
  hub.fault({ path: /\/api\/models\//, status: 403, times: 9 })
  const outcome = await ask('public')
  expect([outcome, ...outcome.history].map(({ modelVisibility }) => modelVisibility)).toEqual(
    Array(4).fill('unknown'),
  )
})
