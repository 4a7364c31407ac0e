import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainingEnd } from '../../../src/domain/training.ts'
import { Refused } from '../../../src/domain/verdict.ts'
import { systemClock } from '../../../src/http/clock.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'
import { createAutotrainTrainer } from '../../../src/trainers/autotrain/autotrain.ts'
import { connect } from '../../hub/connect.ts'
import type { Fault } from '../../sandbox/faults.ts'
import { resolveRevision } from '../../sandbox/hub/git/repositories.ts'
import { listEntries } from '../../sandbox/hub/git/trees.ts'
import type { RealPrograms } from '../../sandbox/hub/jobs/container/real-programs.ts'
import type { JobHabits } from '../../sandbox/hub/jobs/jobs.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { listen, order as orderOf } from '../../trainers/order.ts'

const token = 'hf_RealTrainingsUseThisToken0001'
const project = 'model-1'

/** One training with the real AutoTrain. */
export interface Training {
  /** A folder of data.py. */
  readonly data: string
  /** Inputs of the action, beside those that all trainings have. */
  readonly inputs: Readonly<Record<string, string>>
  /** What goes wrong at the Hub. */
  readonly faults?: readonly Fault[]
  /** What goes wrong with the Job. */
  readonly habits?: JobHabits
}

/** What a training came to. */
export interface Trained {
  /** Null where the plan was refused; `refusal` says why. */
  readonly end: TrainingEnd | null
  readonly refusal: string | null
  readonly isPinned: boolean
  /** The last stage of the Job, with what the Hub says of it. */
  readonly job: string
  /** The whole log, as the Hub has it. */
  readonly log: readonly string[]
  /** The model's files on the Hub by their paths. */
  readonly files: ReadonlyMap<string, string>
  readonly token: string
}

function filesBelow(folder: string): Record<string, Uint8Array> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const paths = entries.map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)]))
}

function filesOfModel(sandbox: SandboxHub): Map<string, string> {
  if (sandbox.state.repositories.find('model', `ann/${project}`) === undefined) return new Map()
  const repository = sandbox.repository(`ann/${project}`, 'model')
  const { tree } = resolveRevision(repository, 'main')
  const files = [...listEntries(tree, { isRecursive: true })].filter((entry) => entry.type !== 'directory')
  return new Map(
    files.map(({ path, oid, lfs }) => {
      const content = lfs === undefined ? repository.blobs.get(oid) : repository.lfs.get(lfs.oid)
      return [path, Buffer.from(content ?? []).toString('utf8')]
    }),
  )
}

/** Plans, starts and follows a training as the action does, on a sandbox Hub whose Jobs run the real AutoTrain. */
export async function train(
  { data, inputs, faults = [], habits }: Training,
  { lab, real }: { lab: string; real: RealPrograms },
): Promise<Trained> {
  const sandbox = await startHub({
    quotas: { api: 1e9, resolvers: 1e9, pages: 1e9 },
    jobs: { graceMs: 200, keepAliveMs: 1000, real },
  })
  try {
    sandbox.addUser({ name: 'ann', token })
    for (const name of readdirSync(join(lab, 'models'))) {
      sandbox.createModel({ name: `ann/${name}`, files: filesBelow(join(lab, 'models', name)) })
    }
    sandbox.createDataset({ name: 'ann/data', private: true, files: filesBelow(join(lab, 'data', data)) })
    const revision = sandbox.repository('ann/data').refs.get('refs/heads/main') ?? ''
    const given = { 'input-dataset': 'ann/data', 'target-namespace': 'ann', timeout: '30m', ...inputs }
    const [recipe] = resolveRecipes({ file: null, inputs: given })
    const order = orderOf(recipe, { revision, project })
    const { hub } = connect(sandbox.url, token)
    const trainer = createAutotrainTrainer({
      hub,
      trainingHub: hub,
      clock: systemClock,
      waitLimitMs: null,
      stepVariable: () => undefined,
    })
    const heard = listen()
    const plan = await trainer.plan(order, heard.signal).catch(refusalOf)
    if (typeof plan === 'string') return { ...nothing, refusal: plan }
    for (const fault of faults) sandbox.fault(fault)
    if (habits !== undefined) sandbox.jobs.next(habits)
    const run = await trainer.start(order, heard)
    const end = await trainer.follow?.(order, run, heard)
    const [job] = sandbox.jobs.all
    if (end === undefined || end.verdict === 'out-of-sight' || job === undefined)
      throw new Error('The Job is gone.')
    return {
      end,
      refusal: null,
      isPinned: !plan.readsOnlyHead,
      job: [job.stage, job.message].filter(Boolean).join(': '),
      log: job.log.lines.map(({ data: line }) => line),
      files: filesOfModel(sandbox),
      token,
    }
  } finally {
    await sandbox.close()
  }
}

const nothing: Trained = {
  end: null,
  refusal: null,
  isPinned: false,
  job: 'none',
  log: [],
  files: new Map(),
  token,
}

function refusalOf(error: unknown): string {
  if (error instanceof Refused) return error.message
  throw error
}
