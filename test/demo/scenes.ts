import { uploadFiles } from '@huggingface/hub'
import type { Delivery } from '../sandbox/hub/webhooks/deliveries.ts'
import type { StepResult } from '../sandbox/runner/step/results.ts'
import { names, type World } from '../sandbox/world.ts'
import { type DigitFiles, digitFiles } from './digits.ts'
import type { Narrator } from './narrator.ts'

/** What a scene needs: the local services, and the output. */
export interface Stage {
  readonly world: World
  readonly narrator: Narrator
}

/** Whether a scene ended as expected, and the job summary of its run; empty when there was no run. */
export interface SceneResult {
  readonly ok: boolean
  readonly summary: string
}

/** A person starts the workflow by hand, as in the README. The next commit is compared with this run. */
export async function handTrains({ world, narrator }: Stage): Promise<SceneResult> {
  narrator.scene(
    '1. A person starts the workflow for the first time. Expected: it trains on the whole dataset',
  )
  const stopWatching = showProgress({ world, narrator })
  const { id } = await world.runner.manual('retrain.yml')
  const run = await world.runner.finished(id)
  stopWatching()
  const step = showVerdict({ world, narrator })
  const ok = run.conclusion === 'success' && step?.outputs.verdict === 'succeeded'
  return { ok, summary: step?.summary ?? '' }
}

/** The official client commits new digits, which starts a training. */
export async function commitTrains({ world, narrator }: Stage): Promise<SceneResult> {
  narrator.scene('2. A commit adds new digits. Expected: it starts a training')
  const batch = digitFiles({ from: 10, perDigit: 30 })
  const stopWatching = showProgress({ world, narrator })
  const delivered = await deliveryAfter(world, async () => {
    await upload(world, batch)
    narrator.line(
      `ada commits ${Object.keys(batch).length} new PNG files to ${names.dataset} (official client)`,
    )
  })
  stopWatching()
  showDelivery(narrator, delivered)
  const step = showVerdict({ world, narrator })
  const discussion = world.hub.discussions(names.dataset).at(-1)
  narrator.line(`discussion on the dataset: ${discussion === undefined ? 'none' : `"${discussion.title}"`}`)
  const arrived = delivered?.attempts.at(-1)?.status === 202
  const trained = step?.outputs.verdict === 'succeeded' && world.runner.runs.at(-1)?.conclusion === 'success'
  return { ok: arrived && trained && discussion !== undefined, summary: step?.summary ?? '' }
}

/** The Hub sends the same event again, as its Replay button does. */
export async function replayTrainsNothing({ world, narrator }: Stage): Promise<SceneResult> {
  narrator.scene('3. The Hub sends the same event again (Replay). Expected: no second training')
  const first = contentDelivery(world.hub.deliveries)
  if (first === undefined) return { ok: false, summary: '' }
  await world.hub.replay(first.id)
  await world.settled()
  const step = showVerdict({ world, narrator })
  return { ok: step?.outputs.verdict === 'skipped', summary: step?.summary ?? '' }
}

/** A pull request on the dataset is not part of its main branch yet. */
export async function pullRequestTrainsNothing({ world, narrator }: Stage): Promise<SceneResult> {
  narrator.scene('4. A pull request is opened on the dataset. Expected: no training')
  const runs = world.runner.runs.length
  const delivered = await deliveryAfter(world, () => {
    world.hub.openPullRequest(names.dataset, { files: digitFiles({ from: 60, perDigit: 1 }) })
  })
  showDelivery(narrator, delivered)
  return { ok: delivered?.attempts.at(-1)?.status === 200 && world.runner.runs.length === runs, summary: '' }
}

/** A caller without the right secret sends an event to the relay. */
export async function wrongSecretTrainsNothing(
  { world, narrator }: Stage,
  relay: { url: string },
): Promise<SceneResult> {
  narrator.scene('5. A caller with a wrong secret sends an event. Expected: no training')
  const dispatches = world.github.dispatches.length
  const response = await fetch(`${relay.url}/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-webhook-secret': 'not-the-secret-of-this-webhook' },
    body: JSON.stringify(contentDelivery(world.hub.deliveries)?.payload),
  })
  narrator.line(`the relay answers ${response.status}: ${await response.text()}`)
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

/** Prints the dispatch and the progress lines of the workflow's log as they appear. */
function showProgress({ world, narrator }: Stage): () => void {
  let shown = 0
  const before = world.runner.runs.length
  const stopListening = world.github.onDispatch(({ eventType }) => {
    narrator.line(`the relay sends the repository_dispatch "${eventType}", and GitHub starts the workflow`)
  })
  const update = () => {
    const jobs = world.runner.runs.slice(before).flatMap((run) => run.jobs)
    const logs = jobs.flatMap(({ steps }) => steps.flatMap(({ log }) => log))
    const lines = logs.filter((line) => /^[✓✗]|^running ·/.test(line))
    for (const line of lines.slice(shown)) narrator.line(`  ${line}`)
    shown = lines.length
  }
  const timer = setInterval(update, 50)
  return () => {
    clearInterval(timer)
    stopListening()
    update()
  }
}

async function deliveryAfter(world: World, act: () => Promise<void> | void): Promise<Delivery | undefined> {
  const before = world.hub.deliveries.length
  await act()
  await world.settled()
  return contentDelivery(world.hub.deliveries.slice(before))
}

function contentDelivery(deliveries: readonly Delivery[]): Delivery | undefined {
  return deliveries.find(({ payload }) => payload.event.scope === 'repo.content')
}

function showDelivery(narrator: Narrator, delivery: Delivery | undefined): void {
  const last = delivery?.attempts.at(-1)
  narrator.line(`the Hub calls the webhook, the relay answers ${last?.status}: ${last?.body}`)
}

/** Prints the verdict of the newest run, and returns its step that ran the action. */
function showVerdict({ world, narrator }: Stage): StepResult | undefined {
  const step = world.runner.runs
    .at(-1)
    ?.jobs.flatMap(({ steps }) => steps)
    .find(({ outputs }) => outputs.verdict !== undefined)
  if (step === undefined) narrator.line('no verdict: no run of the workflow finished')
  else narrator.line(`verdict: ${step.outputs.verdict}. ${step.outputs.reason}`)
  return step
}
