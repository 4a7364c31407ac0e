import { setTimeout } from 'node:timers/promises'
import { claims } from '../../e2e/stage/ledger-records.ts'
import { type Case, type Stage, startStage } from '../../e2e/stage/stage.ts'
import { names, type RelayUnderTest } from '../../sandbox/world.ts'
import { historyOf } from '../oracle/history.ts'
import { type Judgement, judge, type Paid } from '../oracle/judge.ts'
import { createRandom, type Random } from '../random.ts'
import { createTally, type Tally } from '../tally.ts'

const hour = 3_600_000

/** What came of the packaged part. */
export interface PackagedResult extends Judgement {
  readonly commits: number
  readonly counts: Readonly<Record<string, number>>
  /** Trainings that the guide's service was asked to prepare. */
  readonly paid: number
  /** Runs of the packaged action, re-runs counted on their own. */
  readonly actions: number
  /** How each of them ended. */
  readonly story: readonly string[]
}

interface Scene {
  readonly stage: Stage
  readonly subject: Case
  readonly random: Random
  readonly tally: Tally
  readonly killed: Set<number>
  relay: RelayUnderTest
}

/**
 * The packaged action and the packaged relay in processes of their own, in real time, for a few rounds in which
 * events are doubled, machines and the relay die, and people run jobs again. The trainer is the guide's.
 *
 * @param options.rounds how many things people do
 */
export async function runPackaged(options: { seed: number; rounds: number }): Promise<PackagedResult> {
  const random = createRandom(options.seed).fork('packaged')
  const tally = createTally()
  // The Hub goes on sending while a killed relay starts again.
  const stage = await startStage({ hub: { retryDelaysMs: [100, 300, 900, 2700, 8100] } })
  try {
    const subject = stage.case({ name: 'chaos' })
    subject.workflow({ discussion: 'off', 'max-runs-per-day': '1000' })
    const relay = await stage.startRelay({ EVENT_TYPE: subject.name })
    stage.hub.webhook({
      url: `${relay.url}/webhook`,
      secret: names.webhookSecret,
      watched: [subject.dataset],
    })
    const scene: Scene = { stage, subject, random, tally, killed: new Set(), relay }
    for (let round = 0; round < options.rounds; round++) await playRound(scene, round)
    await bringToRest(scene)
    return result(scene)
  } finally {
    await stage.close()
  }
}

const acts: Record<string, (scene: Scene) => Promise<void> | void> = {
  'a commit': commit,
  'two commits at once': async (scene) => {
    commit(scene)
    commit(scene)
  },
  'a card': ({ stage, subject, random }) => {
    stage.hub.commit(subject.dataset, { files: { 'README.md': `${random.next()}` } })
  },
  'the Hub replayed an event': async ({ stage }) => {
    const last = stage.hub.deliveries.at(-1)
    if (last !== undefined) await Promise.all([stage.hub.replay(last.id), stage.hub.replay(last.id)])
  },
  'GitHub took a dispatch and reset the connection': (scene) => {
    scene.stage.github.fault({ method: 'POST', path: /\/dispatches$/, reset: true, applied: true })
    commit(scene)
  },
  'the relay was killed while it worked': killRelay,
  "an answer of GitHub's to the ledger was lost": (scene) => {
    const { stage, random } = scene
    const method = random.pick(['POST', 'PATCH'])
    stage.github.fault({ method, path: /\/git\/refs/, reset: true, applied: random.chance(0.5) })
    commit(scene)
  },
  'a machine was killed': killMachine,
  'a machine was killed, and its jobs run again': async (scene) => {
    await killMachine(scene)
    await rerunKilled(scene)
  },
}

async function playRound(scene: Scene, round: number): Promise<void> {
  const { stage, subject, random, tally } = scene
  const kinds = Object.keys(acts)
  // Every kind gets its turn; chance decides what it meets.
  const kind = kinds[round % kinds.length] ?? ''
  tally.count(kind)
  await acts[kind]?.(scene)
  if (random.chance(0.3)) {
    tally.count('the schedule')
    await stage.runner.schedule(`${subject.name}.yml`)
  }
  if (random.chance(0.5)) await stage.settled()
}

function commit({ subject, random }: Scene): void {
  subject.commit({ [`train/${random.between(0, 9)}/${random.between(0, 99)}.txt`]: `${random.next()}` })
}

async function killRelay(scene: Scene): Promise<void> {
  const { stage, random, subject } = scene
  await stage.hub.settled()
  const hanging = stage.github.fault({
    method: 'POST',
    path: /\/dispatches$/,
    hang: true,
    applied: random.chance(0.5),
  })
  commit(scene)
  while (hanging.hits === 0) await setTimeout(2)
  await scene.relay.stop('SIGKILL')
  const { port } = new URL(scene.relay.url)
  scene.relay = await stage.startRelay({ EVENT_TYPE: subject.name, PORT: port })
}

async function killMachine(scene: Scene): Promise<void> {
  const { stage, random, killed } = scene
  await stage.settled()
  commit(scene)
  const going = () => stage.runner.runs.find(({ status }) => status === 'in_progress')
  while (going() === undefined) await setTimeout(2)
  await setTimeout(random.between(100, 1200))
  const run = going()
  if (run === undefined) return
  await stage.runner.kill(run.id)
  killed.add(run.id)
}

async function rerunKilled({ stage, killed }: Scene): Promise<void> {
  await stage.settled()
  for (const id of killed) await stage.runner.rerun(id)
  killed.clear()
  await stage.settled()
}

/** Ends with data, so that the head has to be trained; people run again what was killed. */
async function bringToRest(scene: Scene): Promise<void> {
  const { stage, subject, tally } = scene
  await stage.settled()
  commit(scene)
  await rerunKilled(scene)
  await stage.runner.schedule(`${subject.name}.yml`)
  await stage.settled()
  const head = claims(stage, subject.name).findLast(({ revision }) => revision === subject.head())
  if (head?.state !== 'started' || head.run !== null) return
  // Nobody can look up a run at the guide's service: a person has to.
  tally.count('a person forced what died while it was started')
  subject.workflow({ force: 'true', discussion: 'off' })
  await subject.manual()
}

function result({ stage, subject, tally }: Scene): PackagedResult {
  const history = historyOf(stage.hub, subject.dataset)
  const starts = subject
    .projects()
    .filter(({ calls }) => calls.includes('data/start_processing'))
    .map(({ name, createdAt }): Paid => {
      const short = name.split('-')[1] ?? ''
      const revision = history.find(({ sha }) => sha.startsWith(short))?.sha ?? name
      const at = createdAt.getTime()
      return { recipe: subject.name, revision, at, endsAt: at, end: 'succeeded', cause: null, listedAt: at }
    })
  const wish = {
    name: subject.name,
    dataset: subject.dataset,
    counts: (path: string) => path !== 'README.md' && path !== '.gitattributes',
  }
  const until = Date.now() + 24 * hour
  return {
    commits: history.length,
    counts: tally.counts,
    paid: starts.length,
    actions: stage.runner.runs.length,
    story: stage.runner.runs.map(({ id, attempt, event, conclusion, jobs }) => {
      const step = jobs.flatMap(({ steps }) => steps).find((one) => one.id === 'retrain')
      const { revision = '', reason = '' } = step?.outputs ?? {}
      return `packaged run ${id}.${attempt} ${event} ${revision.slice(0, 7)} ${conclusion}: ${reason}`
    }),
    ...judge({
      heads: () => history,
      wanted: [wish],
      starts,
      asked: { requests: [], edits: [] },
      deadClaims: [],
      until,
    }),
  }
}
