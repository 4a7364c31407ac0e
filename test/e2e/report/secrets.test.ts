import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { shaOf } from '../../event/hub-payload.ts'
import { names } from '../../sandbox/world.ts'
import { type ActionRun, actionRun } from '../stage/action-run.ts'
import { envelopeFor } from '../stage/dispatches.ts'
import { ledgerLines } from '../stage/ledger-records.ts'
import { type Case, type Stage, secret, startStage } from '../stage/stage.ts'
import { findSecrets } from '../stage/text/secret-forms.ts'

const hubToken = 'hf_Adas+Token/With=Signs&<Only>"Here"%41\\n'
const previousSecret = 'previous "secret" & <signs> / +%20 \\ 0004'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({
    runner: {
      secrets: {
        HF_TOKEN: hubToken,
        WEBHOOK_SECRET: names.webhookSecret,
        PREVIOUS: previousSecret,
        ACTIONS_STEP_DEBUG: 'true',
      },
    },
  })
  stage.hub.addToken({ user: names.user, token: hubToken })
})
afterAll(() => stage.close())

const echo = (header: string | undefined) =>
  `You sent ${header}. Base64: ${Buffer.from(hubToken).toString('base64')}`

const scenarios: [string, string, (subject: Case) => Promise<ActionRun>][] = [
  ['starts', 'started', (subject) => subject.dispatch()],
  [
    'carries the secret itself and is accepted',
    'started',
    async (subject) => {
      subject.workflow({ 'allow-plain-secret': 'true', 'webhook-secret-previous': secret('PREVIOUS') })
      const good = await envelopeFor({ dataset: subject.dataset, sha: subject.head() })
      return subject.dispatchRaw({ ...good, signature: undefined, secret: previousSecret })
    },
  ],
  [
    'carries the secret itself and is refused',
    'refused',
    async (subject) => {
      const good = await envelopeFor({ dataset: subject.dataset, sha: subject.head() })
      return subject.dispatchRaw({ ...good, signature: undefined, secret: names.webhookSecret })
    },
  ],
  [
    'has a secret in the wrong input',
    'refused',
    (subject) => subject.manual({ 'max-age': secret('WEBHOOK_SECRET'), revision: secret('PREVIOUS') }),
  ],
  [
    'has another secret as hf-token',
    'refused',
    (subject) => subject.manual({ 'hf-token': secret('PREVIOUS') }),
  ],
  ['is about an unknown revision', 'refused', (subject) => subject.dispatch({ sha: shaOf('a') })],
  [
    'fails at AutoTrain, which sends back the token',
    'failed',
    (subject) => {
      stage.autotrain.fault({ path: /start_processing/, status: 422, body: echo(`Bearer ${hubToken}`) })
      return subject.dispatch()
    },
  ],
  [
    'fails at the Hub, which sends back the token',
    'failed',
    (subject) => {
      const path = new RegExp(`${subject.dataset}/tree`)
      const headers = { 'x-request-id': hubToken, 'x-error-message': hubToken }
      stage.hub.fault({ path, status: 422, body: { error: echo(hubToken) }, headers, times: 9 })
      return subject.dispatch()
    },
  ],
  [
    'cannot reach AutoTrain',
    'failed',
    (subject) => {
      stage.autotrain.fault({ path: /create/, reset: true })
      return subject.dispatch()
    },
  ],
  [
    'may not write the ledger',
    'refused',
    (subject) => subject.manual({}, { permissions: { contents: 'read' } }),
  ],
]

/** Everything the run wrote or sent that is not an Authorization header. */
function traces(run: ActionRun): Record<string, string> {
  const { step, post, summary, outputs } = run
  // To hide a secret, the runner has to be told what it is.
  const output = `${step.rawOutput}\n${post?.rawOutput}`.replaceAll(/^::add-mask::.*$/gm, '')
  const sent = [...stage.hub.requests, ...stage.autotrain.requests, ...stage.github.requests]
  return {
    output,
    summary,
    outputs: JSON.stringify(outputs),
    state: JSON.stringify(step.state),
    annotations: JSON.stringify(step.annotations),
    ledger: JSON.stringify(ledgerLines(stage)),
    discussions: JSON.stringify(stage.hub.state.discussions.of(stage.hub.repository(names.dataset))),
    requests: sent.map(({ method, path, body }) => `${method} ${path} ${body}`).join('\n'),
  }
}

describe('Secrets, with step debugging on', () => {
  test.each(scenarios)(
    'No secret is written anywhere in any form when a run %s.',
    async (_, verdict, act) => {
      const subject = stage.case()
      const run = await act(subject)
      expect(run.verdict).toBe(verdict)
      const discussions = JSON.stringify(stage.hub.discussions(subject.dataset))
      const secrets = {
        'hf-token': hubToken,
        'webhook-secret': names.webhookSecret,
        'webhook-secret-previous': previousSecret,
        'github-token': run.step.inputs['github-token'] ?? '',
      }
      expect(secrets['github-token']).toMatch(/^ghs_/)
      for (const [place, text] of Object.entries({ ...traces(run), discussions })) {
        expect([place, findSecrets(text, secrets)]).toEqual([place, []])
      }
    },
  )

  test('Secrets are hidden from the first line of the log.', async () => {
    const run = await stage.case().dispatch()
    const masked = run.step.commands.filter(({ name }) => name === 'add-mask').map(({ data }) => data)
    expect(masked).toEqual([hubToken, names.webhookSecret, run.step.inputs['github-token']])
    const lines = run.step.rawOutput.split('\n')
    expect(lines.findLastIndex((line) => line.startsWith('::add-mask::'))).toBe(masked.length - 1)
  })
})

test('Each token travels to the service it belongs to, and nowhere else.', async () => {
  const run = await stage.case().dispatch()
  const seenBy = (requests: Stage['hub']['requests']) =>
    new Set(requests.map(({ headers }) => headers.authorization?.split(' ')[1]))
  expect([...seenBy(stage.hub.requests)]).toEqual([hubToken])
  expect([...seenBy(stage.autotrain.requests)]).toEqual([hubToken])
  expect(seenBy(stage.github.requests)).toContain(run.step.inputs['github-token'])
  expect(seenBy(stage.github.requests)).not.toContain(hubToken)
})

test('The relay sends GitHub no secret, and writes none into its log.', async () => {
  const subject = stage.case()
  const relay = await stage.connectRelay({
    EVENT_TYPE: subject.name,
    WEBHOOK_SECRET_PREVIOUS: previousSecret,
  })
  for (const known of [names.webhookSecret, previousSecret]) {
    stage.hub.webhook({ url: `${relay.url}/webhook`, secret: known, watched: [subject.dataset] })
  }
  subject.commit()
  await stage.settled()
  const runs = stage.runner.runs.filter(({ workflow }) => workflow === subject.name).map(actionRun)
  expect(runs).toHaveLength(2)
  const secrets = {
    'webhook secret': names.webhookSecret,
    'previous secret': previousSecret,
    "the relay's token": names.relayToken,
  }
  const dispatches = stage.github.requests.filter(({ path }) => path.endsWith('/dispatches'))
  expect(dispatches).toHaveLength(2)
  expect(findSecrets(JSON.stringify(dispatches.map(({ path, body }) => [path, body])), secrets)).toEqual([])
  expect(findSecrets(relay.log(), secrets)).toEqual([])
  expect(dispatches.map(({ body }) => Object.keys(JSON.parse(body ?? '').client_payload).sort())).toEqual(
    Array(2).fill(['body', 'dataset', 'id', 'sha', 'signature', 'timestamp']),
  )
})

test('The forms in which a secret is looked for are found.', () => {
  const value = 'abc"&/+secret'
  const wrapped = ['', 'x', 'xy'].map((before) => Buffer.from(`${before}${value}`).toString('base64'))
  for (const text of [...wrapped, Buffer.from(value).toString('hex'), encodeURIComponent(value)]) {
    expect(findSecrets(`- ${text} -`, { it: value })).not.toEqual([])
  }
  expect(findSecrets('nothing here', { it: value })).toEqual([])
})
