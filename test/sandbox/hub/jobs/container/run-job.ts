import { chmod, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HARDWARE } from '../hardware.ts'
import type { Ending, Job } from '../jobs.ts'
import { isFinal } from '../jobs.ts'
import type { Machines } from '../machines.ts'
import type { JobSpec } from '../spec.ts'
import { imageOf, layOutImage } from './images.ts'
import type { PathMap } from './path-map.ts'
import { createPathMap } from './path-map.ts'
import type { ProcessEnd } from './process-group.ts'
import { startGroup } from './process-group.ts'
import type { RealPrograms } from './real-programs.ts'
import type { UvOptions } from './uv-image.ts'
import { isWritable, materialise } from './volumes.ts'

/** Half an hour, when a Job names no limit: https://huggingface.co/docs/hub/jobs-manage */
const DEFAULT_TIMEOUT_SECONDS = 1800

/** What every Job runs with. */
export interface JobWorld {
  now: () => Date
  /** Calls once after that many milliseconds, unless the function it returns is called first. */
  timer: (ms: number, run: () => void) => () => void
  /** How long a second of `timeoutSeconds` lasts, in milliseconds. */
  secondMs: number
  /** How long a stopped Job's processes have to end by themselves. */
  graceMs: number
  /** Between the end of the log and the last stage: the real log, too, ends before the Job does. */
  finishDelayMs: number
  hubUrl: string
  machines: Machines
  /** @default the stand-ins */
  real?: RealPrograms | undefined
  /** The command of this machine that plays a Job in place of its own; undefined runs its own. */
  play?: ((job: Job) => readonly string[] | undefined) | undefined
  /** What images of uv find on this machine. */
  uv: UvOptions
}

function environment(
  job: Job,
  options: {
    map: PathMap
    secrets: JobSpec['secrets']
    laidOut: Awaited<ReturnType<typeof layOutImage>>
    world: JobWorld
  },
): Record<string, string> {
  const { map, secrets, laidOut, world } = options
  const { spec, id } = job
  const hardware = HARDWARE.find(({ name }) => name === spec.flavor)
  const image = imageOf(spec.dockerImage)
  const mapped = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map.toHost(value)]))
  return {
    PATH: [...laidOut.programs, '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    HOME: map.toHost(image.home),
    TMPDIR: map.toHost('/tmp'),
    LANG: 'C.UTF-8',
    // Inside the real container the Hub is where every client looks for it; here it is on loopback.
    HF_ENDPOINT: world.hubUrl,
    // For stand-ins that meet a path of the container in a place no map can reach, such as base64.
    SANDBOX_ROOT: map.root,
    ...mapped(image.environment),
    ...laidOut.environment,
    JOB_ID: id,
    ACCELERATOR: hardware?.accelerator?.model.toLowerCase() ?? '',
    CPU_CORES: hardware?.cpu.split(' ')[0] ?? '2',
    MEMORY: hardware?.ram.replace(' GB', 'Gi') ?? '16Gi',
    ...world.real?.environment,
    ...mapped(spec.environment),
    ...secrets,
  }
}

/** Volumes are read-only, which would keep whoever is not root from removing them. */
async function removeTree(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(folder, entry.name))
  }
  await rm(folder, { recursive: true, force: true })
}

function watchLine(job: Job, line: string, killLargest: () => void): void {
  const { oomKillAt, outOfCreditsAt } = job.habits
  if (oomKillAt !== undefined && line.search(oomKillAt) >= 0) {
    delete job.habits.oomKillAt
    killLargest()
  }
  if (outOfCreditsAt !== undefined && line.search(outOfCreditsAt) >= 0) {
    const ending: Ending = { stage: 'CANCELED', message: null, cancelReason: 'NO_CREDITS', graceMs: 0 }
    job.end.abort(ending)
  }
}

async function attempt(
  job: Job,
  options: { map: PathMap; env: Readonly<Record<string, string>>; played: readonly string[] | undefined },
): Promise<ProcessEnd> {
  const { map, env, played } = options
  const own = () => [...(job.spec.command ?? []), ...(job.spec.arguments ?? [])].map(map.toHost)
  const [file = '', ...args] = played ?? own()
  if (file === '') return { code: null, signal: null, error: new Error('The image has no command.') }
  const group = startGroup({
    file,
    args,
    cwd: map.toHost(imageOf(job.spec.dockerImage).workdir),
    env,
    onLine(line) {
      job.log.append(map.toContainer(line))
      watchLine(job, line, () => group.killLargest())
    },
  })
  const stop = () => group.stop((job.end.signal.reason as Ending).graceMs)
  job.end.signal.addEventListener('abort', stop)
  const end = await group.ended
  job.end.signal.removeEventListener('abort', stop)
  return end
}

function outcome({ code, signal, error }: ProcessEnd): Ending {
  const graceMs = 0
  if (error !== undefined) return { stage: 'ERROR', message: `StartError: ${error.message}`, graceMs }
  if (signal !== null) return { stage: 'ERROR', message: `Job failed: OOMKilled (${signal})`, graceMs }
  if (code === 0) return { stage: 'COMPLETED', message: null, graceMs }
  return { stage: 'ERROR', message: `Job failed with exit code: ${code}`, graceMs }
}

const seconds = ({ spec }: Job) => spec.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS

/** How a Job ends whose time is up: it is counted from where it begins to run. */
function limitOf({ habits }: Job, { graceMs }: JobWorld): Ending {
  return { stage: 'ERROR', message: 'Job timeout', ...habits.timeout, graceMs }
}

async function execute(job: Job, secrets: JobSpec['secrets'], world: JobWorld): Promise<Ending> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'hub-job-')))
  const seals: (() => void)[] = []
  const keepers: (() => Promise<void>)[] = []
  let stopTimer = () => {}
  try {
    const { real, uv } = world
    const laidOut = await layOutImage(job.spec.dockerImage, { root, autotrain: real?.autotrain, uv })
    for (const mount of job.mounts) {
      keepers.push(await materialise(mount, root))
      if (world.real !== undefined && !isWritable(mount))
        seals.push(world.real.seal(join(root, mount.mountPath)))
    }
    const prefixes = [...imageOf(job.spec.dockerImage).owned, ...job.mounts.map(({ mountPath }) => mountPath)]
    const map = createPathMap({ root, prefixes })
    const env = environment(job, { map, secrets, laidOut, world })
    job.end.signal.throwIfAborted()
    stopTimer = world.timer(seconds(job) * world.secondMs, () => job.end.abort(limitOf(job, world)))
    job.stage = 'RUNNING'
    job.startedAt = world.now()
    job.log.append(`===== Job started at ${job.startedAt.toISOString().slice(0, 19).replace('T', ' ')} =====`)
    for (;;) {
      const ending = outcome(await attempt(job, { map, env, played: world.play?.(job) }))
      // What was stopped has not failed.
      if (ending.stage !== 'ERROR' || job.end.signal.aborted) return ending
      job.failureCount += 1
      if (job.failureCount >= job.spec.attempts) return ending
    }
  } finally {
    stopTimer()
    for (const keep of keepers) await keep()
    for (const unseal of seals) unseal()
    await removeTree(root)
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })

function finish(job: Job, ending: Ending, now: Date): void {
  if (isFinal(job.stage)) return
  job.stage = ending.stage
  job.message = ending.message
  if (ending.cancelReason !== undefined) job.cancelReason = ending.cancelReason
  job.finishedAt = now
}

/**
 * Runs a Job from SCHEDULING to its end: its volumes are written below a folder of its own, its command really
 * runs there, and everything is gone afterwards.
 *
 * @param job a Job that was just created
 * @param secrets the values of its secrets; they are kept nowhere else
 * @param world what every Job runs with
 */
export async function runJob(job: Job, secrets: JobSpec['secrets'], world: JobWorld): Promise<void> {
  const { signal } = job.end
  // Whoever cancels sees it at once, also while processes still end.
  signal.addEventListener('abort', () => finish(job, signal.reason as Ending, world.now()))
  // A Job is never running in the answer that creates it.
  await new Promise((resolve) => setImmediate(resolve))
  await world.machines.wait(job.spec.flavor, signal)
  if (job.habits.imagePull === 'endless') await aborted(signal)
  if (!signal.aborted) {
    const ending = await execute(job, secrets, world).catch(
      (error: Error): Ending => ({ stage: 'ERROR', message: error.message, graceMs: 0 }),
    )
    job.log.end()
    await new Promise((resolve) => setTimeout(resolve, signal.aborted ? 0 : world.finishDelayMs))
    finish(job, ending, world.now())
  }
  job.log.end()
}
