import { describe, expect, test } from '@jest/globals'
import type { WorkflowRun } from '../../../src/action/runner/environment.ts'
import type { Inputs } from '../../../src/action/runner/inputs.ts'
import { explainTrigger, readTrigger, type Trigger } from '../../../src/action/runner/trigger.ts'
import { sealEnvelope } from '../../../src/event/envelope.ts'
import { reconcileEvent, reconcileId } from '../../../src/event/reconcile.ts'
import { createSign } from '../../../src/event/signature.ts'
import { envelopeFor } from '../../e2e/stage/dispatches.ts'
import { shaOf } from '../../event/hub-payload.ts'

const now = 1_790_000_000_000
const secret = 'c0ffee00c0ffee00c0ffee00c0ffee03'

const workflowRun = (change: Partial<WorkflowRun>): WorkflowRun => ({
  repository: 'acme/retrain',
  repositoryId: '7',
  file: 'acme/retrain/.github/workflows/retrain.yml@refs/heads/main',
  visibility: 'public',
  id: '1',
  attempt: 1,
  url: 'https://github.test/acme/retrain/actions/runs/1',
  commit: shaOf('c'),
  eventName: 'repository_dispatch',
  clientPayload: undefined,
  workspace: '.',
  ...change,
})

const inputs: Inputs = {
  recipe: {},
  trainingToken: 'hf_x',
  hfToken: 'hf_x',
  webhookSecrets: [secret],
  githubToken: 'ghs_x',
  config: null,
  revision: null,
  publishRevision: null,
  dryRun: false,
  force: false,
  maxAgeMs: 60_000,
  allowPlainSecret: false,
}

const read = (change: Partial<WorkflowRun>, at = now) =>
  readTrigger({ workflow: workflowRun(change), inputs, now: at })

const envelope = () => envelopeFor({ dataset: 'acme/digits', sha: shaOf('b'), id: 'msg_1', secret, now })

const reconcileEnvelope = async () => {
  const seen = { dataset: 'acme/digits', ref: 'refs/heads/main', revision: shaOf('b') }
  const event = reconcileEvent({ ...seen, id: '621ffdc036468d709f174328', isPrivate: false })
  const id = await reconcileId(seen, now)
  return sealEnvelope({ event, ref: seen.ref, revision: seen.revision, id, sign: createSign(secret), now })
}

const triggerOf = (name: Trigger['name'], delivery: string | null = null): Trigger => ({
  name,
  event: null,
  delivery,
  plainSecret: false,
})

describe('The trigger of the action', () => {
  test('A check of the relay is told apart from an event of the Hub, and the log says what it does.', async () => {
    const payload = await reconcileEnvelope()
    const trigger = await read({ clientPayload: payload })
    expect(trigger).toMatchObject({ name: 'reconcile', delivery: payload.id, plainSecret: false })
    expect(explainTrigger('repository_dispatch', trigger)).toBe(
      `The relay's own check of the dataset started this run (delivery ${payload.id}): the newest commit is ` +
        'checked, also where the relay saw an older one.',
    )
  })

  test('A dispatch has its event and its delivery id.', async () => {
    expect(await read({ clientPayload: await envelope() })).toMatchObject({
      name: 'dispatch',
      delivery: 'msg_1',
      plainSecret: false,
      event: { repo: { name: 'acme/digits' } },
    })
  })

  test.each([
    ['workflow_dispatch', 'manual'],
    ['schedule', 'schedule'],
  ])('The event %s needs no envelope.', async (eventName, name) => {
    const trigger = await read({ eventName, clientPayload: { signature: 'v1,forged' } })
    expect(trigger).toEqual({ name, event: null, delivery: null, plainSecret: false })
  })

  test.each(['push', 'pull_request', 'workflow_run', 'workflow_call', 'release', 'Schedule'])(
    'The event %s checks the head of the dataset, as the schedule does.',
    async (eventName) => {
      expect(await read({ eventName, clientPayload: { signature: 'v1,forged' } })).toEqual({
        name: 'schedule',
        event: null,
        delivery: null,
        plainSecret: false,
      })
    },
  )
})

test.each(['push', 'workflow_run', 'merge_group', 'pull_request'])(
  'The log explains what the event %s does, also for reusable workflows.',
  (eventName) => {
    expect(explainTrigger(eventName, triggerOf('schedule'))).toBe(
      `The event ${eventName} says nothing about the dataset, so its newest commit is checked, as on a schedule. ` +
        "In a reusable workflow (workflow_call) the event is the caller's.",
    )
  },
)

test.each(['repository_dispatch', 'workflow_dispatch', 'schedule'])(
  'The event %s needs no explanation.',
  (eventName) => {
    expect(explainTrigger(eventName, triggerOf('dispatch'))).toBeNull()
  },
)

describe('The age of an envelope', () => {
  test.each([
    ['may be max-age', 60_000, 1],
    ['may be ten minutes ahead', -600_000, 1],
    ['may be anything on a re-run', 60_000 * 60 * 24 * 365, 2],
  ])('It %s.', async (_, age, attempt) => {
    const trigger = await read({ clientPayload: await envelope(), attempt }, now + age)
    expect(trigger.name).toBe('dispatch')
  })

  test.each([
    [
      'may not be a second more than max-age',
      61_000,
      1,
      /^The envelope is 61 seconds old \(max-age allows 60\)/,
    ],
    [
      'may not be further ahead, and the sentence names the skew',
      -601_000,
      1,
      /is dated 601 seconds in the future/,
    ],
    ['may not be further ahead on a re-run either', -601_000, 2, /is dated 601 seconds in the future/],
  ])('It %s.', async (_, age, attempt, sentence) => {
    await expect(read({ clientPayload: await envelope(), attempt }, now + age)).rejects.toThrow(sentence)
  })
})
