import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Trainer, TrainingEnd } from '../../../src/domain/training.ts'
import { systemClock } from '../../../src/http/clock.ts'
import { createCommandTrainer } from '../../../src/trainers/command/command.ts'
import { connect } from '../../hub/connect.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { startHub } from '../../sandbox/hub/start.ts'
import { listen, order, type Recorded } from '../order.ts'

/** Long enough to be hidden wherever it shows up. */
export const token = 'hf_ann0token0of0the0test'

const environment = {
  PATH: process.env.PATH,
  HOME: '/home/runner',
  RUNNER_TRACKING_ID: 'github_1',
  INPUT_WEBHOOK_SECRET: 'input',
  'INPUT_HF-TOKEN': 'input',
  STATE_PENDING: 'state',
  ACTIONS_RUNTIME_TOKEN: 'actions',
  GITHUB_OUTPUT: '/output',
  GITHUB_ENV: '/env',
  GITHUB_PATH: '/path',
  GITHUB_STATE: '/state',
  GITHUB_STEP_SUMMARY: '/summary',
  GITHUB_SHA: 'abc',
}

/** A Hub, and a folder of the runner in which commands run. */
export interface CommandStage {
  readonly sandbox: SandboxHub
  readonly tempDir: string
  /** Another process of the action: it knows nothing of the commands that earlier ones started. */
  trainer(change?: { waitLimitMs?: number | null }): Trainer
  /** Runs a command from its start to its end. No model is expected of it by default. */
  run(
    command: string,
    options?: { timeout?: number; recorded?: Recorded; expectModel?: boolean },
  ): Promise<{ end: TrainingEnd; recorded: Recorded }>
  close(): Promise<void>
}

export const orderOf = (command: string, change: Parameters<typeof order>[0] = {}) =>
  order({ trainer: 'command', command, ...change })

/** Starts a Hub and makes a folder. */
export async function stageCommands(): Promise<CommandStage> {
  const sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token })
  const { hub } = connect(sandbox.url, token)
  const tempDir = mkdtempSync(join(tmpdir(), 'command-test-'))
  const trainer: CommandStage['trainer'] = (change = {}) =>
    createCommandTrainer({
      hub,
      clock: systemClock,
      waitLimitMs: null,
      environment: { ...environment, GITHUB_WORKSPACE: tempDir },
      tempDir,
      workflowUrl: 'https://github.com/acme/training/actions/runs/1',
      ...change,
    })
  return {
    sandbox,
    tempDir,
    trainer,
    async run(command, { timeout = 60_000, recorded = listen(), expectModel = false } = {}) {
      const asked = orderOf(command, { timeout, expectModel })
      const { start, follow } = trainer()
      const started = await start(asked, listen())
      const end = await follow?.(asked, started, recorded)
      if (end === undefined || end.verdict === 'out-of-sight') throw new Error('There is no end.')
      return { end, recorded }
    },
    async close() {
      await sandbox.close()
      rmSync(tempDir, { recursive: true, force: true })
    },
  }
}

/** A process that ended but was not yet waited for does not count. */
export const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
