import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The folders and processes of one job, as on a fresh hosted runner. */
export interface Machine {
  /** `GITHUB_WORKSPACE`: empty until a checkout. */
  workspace: string
  /** `RUNNER_TEMP` */
  temp: string
  /** `RUNNER_TOOL_CACHE` */
  tools: string
  /** `RUNNER_WORKSPACE` */
  parent: string
  home: string
  /** In the environment of every process of the job, to find those that outlive it. */
  trackingId: string
  /** Kills every process of the job that is still there. */
  killAll(): void
  /** Takes the folders away. */
  remove(): void
}

/**
 * Makes a machine.
 *
 * @param repository `owner/name`: its name is that of the workspace's folder
 */
export function createMachine(repository: string): Machine {
  const root = mkdtempSync(join(tmpdir(), 'sandbox-runner-'))
  const name = repository.split('/')[1] ?? 'work'
  const parent = join(root, 'work', name)
  const folders = {
    workspace: join(parent, name),
    temp: join(root, 'work', '_temp'),
    tools: join(root, 'tools'),
    home: join(root, 'home'),
  }
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true })
  const trackingId = `github_${randomUUID()}`
  return {
    ...folders,
    parent,
    trackingId,
    killAll() {
      for (const pid of processesOf(trackingId)) signal(pid, 'SIGKILL')
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** Sends a signal to a process that may be gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

// The real runner, too, finds orphans by this variable of their environment. Only Linux shows it in files.
function processesOf(trackingId: string): number[] {
  const marker = `RUNNER_TRACKING_ID=${trackingId}`
  return processIds().filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(marker)
    } catch {
      return false
    }
  })
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}
