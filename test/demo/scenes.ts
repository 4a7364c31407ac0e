import { uploadFiles } from '@huggingface/hub'
import type { Delivery } from '../sandbox/hub/webhooks/deliveries.ts'
import type { StepResult } from '../sandbox/runner/step/results.ts'
import { names, type World } from '../sandbox/world.ts'
import { type DigitFiles, digitFiles } from './digits.ts'
import type { Teller } from './teller.ts'

/** What a scene is played with. */
export interface Stage {
  readonly world: World
  readonly teller: Teller
}

/** Whether a scene ended as it should, and the summary of the run that it started. */
export interface SceneResult {
  readonly ok: boolean
  readonly summary: string
}

/** A person starts the workflow once, as the README tells: what the next commits are compared with. */
export async function handTrains({ world, teller }: Stage): Promise<SceneResult> {
  teller.scene('1. The workflow, started by hand for the first time: must train on all that is there')
  const stopWatching = tellLive({ world, teller })
  const { id } = await world.runner.manual('retrain.yml')
  const run = await world.runner.finished(id)
  stopWatching()
  const step = tellVerdict({ world, teller })
  const ok = run.conclusion === 'success' && step?.outputs.verdict === 'succeeded'
  return { ok, summary: step?.summary ?? '' }
}

/** A new batch of digits is committed by the official client, and the rest happens by itself. */
export async function commitTrains({ world, teller }: Stage): Promise<SceneResult> {
  teller.scene('2. A commit with new digits: must lead to a training')
  const batch = digitFiles({ from: 10, perDigit: 30 })
  const stopWatching = tellLive({ world, teller })
  const delivered = await afterwards(world, async () => {
    await upload(world, batch)
    teller.say(`ada commits ${Object.keys(batch).length} new PNG files to ${names.dataset} (official client)`)
  })
  stopWatching()
  tellDelivery(teller, delivered)
  const step = tellVerdict({ world, teller })
  const discussion = world.hub.discussions(names.dataset).at(-1)
  teller.say(`discussion on the dataset: ${discussion === undefined ? 'none' : `"${discussion.title}"`}`)
  const arrived = delivered?.attempts.at(-1)?.status === 202
  const trained = step?.outputs.verdict === 'succeeded' && world.runner.runs.at(-1)?.conclusion === 'success'
  return { ok: arrived && trained && discussion !== undefined, summary: step?.summary ?? '' }
}

/** The same event once more, as the Hub's Replay button sends it. */
export async function replayTrainsNothing({ world, teller }: Stage): Promise<SceneResult> {
  teller.scene('3. The same event again (Replay): must not train twice')
  const first = contentDelivery(world.hub.deliveries)
  if (first === undefined) return { ok: false, summary: '' }
  await world.hub.replay(first.id)
  await world.settled()
  const step = tellVerdict({ world, teller })
  return { ok: step?.outputs.verdict === 'skipped', summary: step?.summary ?? '' }
}

/** A pull request moves a ref of the dataset, and is nobody's data yet. */
export async function pullRequestTrainsNothing({ world, teller }: Stage): Promise<SceneResult> {
  teller.scene('4. A pull request on the dataset: must not train')
  const runs = world.runner.runs.length
  const delivered = await afterwards(world, () => {
    world.hub.openPullRequest(names.dataset, { files: digitFiles({ from: 60, perDigit: 1 }) })
  })
  tellDelivery(teller, delivered)
  return { ok: delivered?.attempts.at(-1)?.status === 200 && world.runner.runs.length === runs, summary: '' }
}

/** Somebody calls the relay who does not know the secret. */
export async function wrongSecretTrainsNothing(
  { world, teller }: Stage,
  relay: { url: string },
): Promise<SceneResult> {
  teller.scene('5. A caller with a wrong secret: must not train')
  const dispatches = world.github.dispatches.length
  const response = await fetch(`${relay.url}/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-webhook-secret': 'not-the-secret-of-this-webhook' },
    body: JSON.stringify(contentDelivery(world.hub.deliveries)?.payload),
  })
  teller.say(`the relay answers ${response.status}: ${await response.text()}`)
  return { ok: response.status === 403 && world.github.dispatches.length === dispatches, summary: '' }
}

/** Uploads files as a user would. */
export async function upload(world: World, files: DigitFiles): Promise<void> {
  await uploadFiles({
    repo: { type: 'dataset', name: names.dataset },
    files: Object.entries(files).map(([path, content]) => ({
      path,
      content: new Blob([Buffer.from(content)]),
    })),
    commitTitle: 'Add handwritten digits',
    accessToken: names.hubToken,
    hubUrl: world.hub.url,
    useXet: false,
  })
}

/** Tells what the workflow says as it goes. */
function tellLive({ world, teller }: Stage): () => void {
  let told = 0
  const before = world.runner.runs.length
  const stopListening = world.github.onDispatch(({ eventType }) => {
    teller.say(`the relay sends the repository_dispatch "${eventType}", and GitHub wakes the workflow`)
  })
  const look = () => {
    const jobs = world.runner.runs.slice(before).flatMap((run) => run.jobs)
    const logs = jobs.flatMap(({ steps }) => steps.flatMap(({ log }) => log))
    const story = logs.filter((line) => /^[✓✗]|^running ·/.test(line))
    for (const line of story.slice(told)) teller.say(`  ${line}`)
    told = story.length
  }
  const timer = setInterval(look, 50)
  return () => {
    clearInterval(timer)
    stopListening()
    look()
  }
}

async function afterwards(world: World, act: () => Promise<void> | void): Promise<Delivery | undefined> {
  const before = world.hub.deliveries.length
  await act()
  await world.settled()
  return contentDelivery(world.hub.deliveries.slice(before))
}

function contentDelivery(deliveries: readonly Delivery[]): Delivery | undefined {
  return deliveries.find(({ payload }) => payload.event.scope === 'repo.content')
}

function tellDelivery(teller: Teller, delivery: Delivery | undefined): void {
  const last = delivery?.attempts.at(-1)
  teller.say(`the Hub calls the webhook, the relay answers ${last?.status}: ${last?.body}`)
}

/** Tells how the newest run ended, and returns its step that is the action. */
function tellVerdict({ world, teller }: Stage): StepResult | undefined {
  const step = world.runner.runs
    .at(-1)
    ?.jobs.flatMap(({ steps }) => steps)
    .find(({ outputs }) => outputs.verdict !== undefined)
  if (step === undefined) teller.say('there is no verdict: no run of the workflow came to its end')
  else teller.say(`verdict: ${step.outputs.verdict}. ${step.outputs.reason}`)
  return step
}
