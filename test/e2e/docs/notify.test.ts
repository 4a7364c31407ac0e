import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { blockUnder } from '../../docs/page-blocks.ts'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from '../stage/action-run.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { commentsOn, jobScript, pushModel, runnerScript } from '../stage/trainings.ts'
import { type MailServer, startMailServer } from './mail-server.ts'

const page = 'docs/operations.md'
const slackSteps: object[] = parse(
  blockUnder(page, { heading: 'Tell Slack when a training fails', part: 'Tell Slack' }),
).steps.slice(1)
const resultsSteps: object[] = parse(
  blockUnder(page, { heading: 'Tell Slack when a training fails', part: 'RESULTS' }),
)
const mailSteps: object[] = parse(blockUnder(page, { heading: 'Send an e-mail when a training fails' }))

const error = 'ValueError: row 7 of <b>cats & dogs</b> has no "label" `x` $(touch /tmp/never)'
const fails = `cat <<'END'\n${error}\nEND\nexit 3`

let slack: Server
let messages: { text: string }[]
let mail: MailServer
let stage: Stage

beforeAll(async () => {
  messages = []
  slack = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    messages.push(JSON.parse(Buffer.concat(chunks).toString()))
    response.end('ok')
  }).listen(0, '127.0.0.1')
  await once(slack, 'listening')
  mail = await startMailServer()
  const secrets = {
    HF_TOKEN: names.hubToken,
    WEBHOOK_SECRET: names.webhookSecret,
    SLACK_WEBHOOK: `http://127.0.0.1:${(slack.address() as AddressInfo).port}/services/T0/B0/x`,
    SMTP_URL: mail.url,
    SMTP_LOGIN: 'retrain:only-for-tests-00000001',
  }
  stage = await startStage({ runner: { secrets } })
})
afterAll(async () => {
  await Promise.all([stage.close(), mail.close()])
  slack.close()
})

const linkOf = ({ run }: ActionRun) => expect.stringContaining(`/actions/runs/${run.id}`)
const train = (subject: Case, command: string, after: object[]) =>
  subject.manual(runnerScript(command, { discussion: 'off' }), { after })

describe('The steps of docs/operations.md after a training', () => {
  test('A failed training is told to Slack, with its reason as plain text and a link.', async () => {
    const run = await train(stage.case(), fails, [...slackSteps, ...resultsSteps])
    expect(run).toMatchObject({ verdict: 'failed', exitCode: 1 })
    expect(messages).toHaveLength(1)
    const lines = messages.pop()?.text.split('\n') ?? []
    expect(lines).toEqual([
      'failed',
      expect.stringContaining(
        'row 7 of &lt;b&gt;cats &amp; dogs&lt;/b&gt; has no "label" `x` $(touch /tmp/never)',
      ),
      run.outputs['run-url'],
      linkOf(run),
    ])
    const steps = run.run.jobs.flatMap(({ steps: all }) => all)
    const listed = steps
      .flatMap(({ log }) => log)
      .filter((line) => line.startsWith(`${run.outputs.dataset}: `))
    expect(listed).toEqual([`${run.outputs.dataset}: ${run.reason}`])
  })

  test('A run that was refused is told to Slack, too, and a success is not.', async () => {
    const refused = await stage
      .case()
      .manual(runnerScript('exit 0', { timeout: 'soon' }), { after: slackSteps })
    expect(refused).toMatchObject({ verdict: 'refused' })
    expect(messages.pop()?.text).toMatch(/^refused\ntimeout/)
    expect(await train(stage.case(), pushModel, slackSteps)).toMatchObject({ verdict: 'succeeded' })
    expect(messages).toEqual([])
  })

  test('A failed training is mailed, with its reason and a link.', async () => {
    const run = await train(stage.case(), fails, mailSteps)
    expect(run).toMatchObject({ verdict: 'failed' })
    const [sent] = mail.mails
    expect(sent?.envelope).toEqual(['MAIL FROM:<retrain@example.org>', 'RCPT TO:<team@example.org>'])
    expect(sent?.text).toContain('\r\nSubject: Retraining: failed\r\n')
    expect(sent?.text).toContain(error)
    expect(sent?.text).toEqual(linkOf(run))
  })

  test('With wait: false a training that fails later is a skip with a warning, and a comment on the dataset.', async () => {
    const subject = stage.case()
    await subject.manual(jobScript('exit 1', { wait: 'false' }), { after: slackSteps })
    await stage.hub.jobs.settled()
    const next = await subject.schedule()
    expect(next).toMatchObject({
      verdict: 'skipped',
      exitCode: 0,
      warnings: [expect.stringMatching(/failed/)],
    })
    expect(commentsOn(stage, subject)).toMatchObject([{ raw: expect.stringContaining('### ❌ Failed') }])
    expect(messages).toEqual([])
  })
})
