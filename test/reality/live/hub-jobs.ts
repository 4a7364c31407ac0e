import { autotrainScript } from '../../../src/trainers/autotrain/autotrain-script.ts'
import { commitBody, flavor, makeModel, runJob, waitForJob } from './hub-objects.ts'
import type { Live, Question } from './questions.ts'
import { describeAnswer, field, mustBe } from './service.ts'

const dockerImage = 'huggingface/autotrain-advanced:latest'

const versions =
  'pip list 2>/dev/null | grep -i -E "^(autotrain-advanced|transformers|torch|xgboost|scikit-learn|huggingface.hub) "'

const autotrainImage: Question = {
  name: 'autotrain-image',
  asks: "What is in AutoTrain's image, and does a Job find the program?",
  assumed: '`autotrain` is in /app/env/bin, with the versions of docs/reality.md.',
  kind: 'costs',
  does: 'It runs one Job on cpu-basic for a few minutes, mostly to fetch the image: less than 0.01 USD.',
  async find(live) {
    const script = `PATH="/app/env/bin:$PATH"\necho "at $(command -v autotrain)"\n${versions}\ntrue`
    const { stage, lines } = await runJob(live, {
      dockerImage,
      command: ['sh', '-c', script],
      timeoutSeconds: 1200,
    })
    const isThere = lines.some((line) => line === 'at /app/env/bin/autotrain')
    return { isAsAssumed: isThere, saw: `${stage}: ${lines.join('; ')}` }
  },
}

const failedTraining: Question = {
  name: 'failed-training',
  asks: "Does the trainer's own script end a Job as failed, when AutoTrain has no valid config?",
  assumed: 'Yes: the stage ERROR.',
  kind: 'costs',
  does: 'It runs one Job on cpu-basic for a few minutes: less than 0.01 USD.',
  async find(live) {
    const command = [
      'sh',
      '-c',
      `AUTO_RETRAIN_CONFIG=none\nAUTO_RETRAIN_PROJECT=none\n${autotrainScript('image-classification')}`,
    ]
    const { stage, message, lines } = await runJob(live, { dockerImage, command, timeoutSeconds: 1200 })
    return { isAsAssumed: stage === 'ERROR', saw: `${stage}, ${message}: ${lines.slice(-2).join('; ')}` }
  },
}

const jobTimeout: Question = {
  name: 'job-timeout',
  asks: 'What does the Hub call a Job whose time is up?',
  assumed: 'The stage ERROR, with the message `Job timeout`.',
  kind: 'costs',
  does: 'It runs one Job on cpu-basic for a minute: less than 0.01 USD.',
  async find(live) {
    const job = { dockerImage: 'python:3.12', command: ['sleep', '600'], timeoutSeconds: 60 }
    const { stage, message } = await runJob(live, job)
    return { isAsAssumed: stage === 'ERROR' && /timeout/i.test(message), saw: `${stage}, ${message}` }
  },
}

/** Makes a webhook that starts a Job, commits, and waits for that Job. Returns what it printed, or why there is nothing. */
async function printedByWebhookJob(
  live: Live,
  { script, secrets = {}, withVolume = false }: WebhookJob,
): Promise<string> {
  const { hub, undo, freeName } = live
  const name = await makeModel(live)
  const namespace = await live.namespace()
  const job = {
    dockerImage: 'python:3.12',
    command: ['sh', '-c', script],
    environment: {},
    secrets,
    labels: { 'live-check': freeName },
    flavor,
    timeoutSeconds: 300,
    ...(withVolume && { volumes: [{ type: 'model', source: name, mountPath: '/relay' }] }),
  }
  const body = { watched: [{ type: 'model', name }], domains: ['repo'], job }
  const made = await hub.send('POST', '/api/settings/webhooks', body)
  if (made.status !== 200) return `No webhook: ${describeAnswer(made)}`
  const id = field(made.data, 'webhook.id') ?? field(made.data, 'id')
  undo(`delete the webhook ${id}`, async () =>
    mustBe(200, await hub.send('DELETE', `/api/settings/webhooks/${id}`)),
  )
  mustBe(200, await hub.send('POST', `/api/models/${name}/commit/main`, commitBody('start')))
  const find = async () => {
    const { data } = await hub.send('GET', `/api/jobs/${namespace}?label=live-check%3D${freeName}`)
    return Array.isArray(data) ? data[0] : undefined
  }
  const ended = await waitForJob(live, { namespace, find })
  return ended === null ? 'No Job came.' : ended.lines.join('; ')
}

/** A Job for a webhook to start. */
interface WebhookJob {
  readonly script: string
  readonly secrets?: Readonly<Record<string, string>>
  /** Whether the model that is watched is mounted at /relay. @default false */
  readonly withVolume?: boolean
}

const webhookDoes =
  'It makes a private model and a webhook, runs one Job for some seconds, and deletes both: less than 0.01 USD.'

const webhookJob: Question = {
  name: 'webhook-job',
  asks: 'Does a Job that a webhook starts get the secrets that the webhook was made with?',
  assumed: 'Nothing: this project does not start Jobs by webhook.',
  kind: 'costs',
  does: webhookDoes,
  async find(live) {
    const script = 'test -n "$LIVE_CHECK" && echo the secret is there || echo no secret'
    const saw = await printedByWebhookJob(live, { script, secrets: { LIVE_CHECK: 'of the live check' } })
    return { isAsAssumed: null, saw }
  },
}

const webhookJobInput: Question = {
  name: 'webhook-job-input',
  asks: 'Does a Job that a webhook starts get its volumes, and which variables has it of the event?',
  assumed: 'Nothing: docs/timers.md says what is known.',
  kind: 'costs',
  does: webhookDoes,
  async find(live) {
    const script = [
      'test -e /relay/notes.txt && echo the volume is there || echo no volume',
      'env | cut -d= -f1 | grep ^WEBHOOK_ | sort',
    ].join('\n')
    return { isAsAssumed: null, saw: await printedByWebhookJob(live, { script, withVolume: true }) }
  },
}

/** What only Jobs can show; each costs a little. */
export const jobQuestions: readonly Question[] = [
  jobTimeout,
  autotrainImage,
  failedTraining,
  webhookJob,
  webhookJobInput,
]
