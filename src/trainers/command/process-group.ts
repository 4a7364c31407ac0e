import { readFile } from 'node:fs/promises'
import type { RunnerProcess } from '../../domain/training.ts'
import type { Clock } from '../../http/clock.ts'
import { pollUntil } from '../../http/poll.ts'

/** How long a script may clean up after SIGTERM. */
const graceMs = 5_000

/** How long the kernel may take for a SIGKILL. */
const killMs = 1_000

/** Between two checks whether the process group is empty. */
const groupCheckEveryMs = 50

/** Where field 22 stands after the name of the program, which may contain spaces and parentheses. */
const startTimeIndex = 22 - 3

/**
 * Identifies a process by its pid and start time.
 *
 * @returns null when there is no such process, or the system has no /proc: only Linux has it, which runners with this
 *   trainer run on
 */
export async function identifyProcess(pid: number): Promise<RunnerProcess | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (stat === null) return null
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[startTimeIndex]
  return startTime === undefined ? null : { pid, startTime }
}

/**
 * Ends the process group of a process that an earlier step left behind, if its leader is still the same process, or is
 * gone and left children: no new process gets the id of a group that has members.
 *
 * @param process the leader of its group
 * @returns false when all of it is gone: another process may have its pid by now, and is not touched
 */
export async function endLeftProcess({ pid, startTime }: RunnerProcess, clock: Clock): Promise<boolean> {
  const now = await identifyProcess(pid)
  const isOurs = now === null ? signalGroup(pid, 0) : now.startTime === startTime
  if (!isOurs) return false
  await terminateGroup(pid, clock)
  return true
}

/**
 * Sends SIGTERM to a process group and, 5 s later, SIGKILL to what is left of it. Resolves once it is empty. Never
 * rejects.
 */
export async function terminateGroup(pid: number, clock: Clock): Promise<void> {
  signalGroup(pid, 'SIGTERM')
  // The shell may end before its children, and one of those may still be saving a model.
  if (await endsWithin(graceMs, pid, clock)) return
  signalGroup(pid, 'SIGKILL')
  await endsWithin(killMs, pid, clock)
}

async function endsWithin(giveUpAfterMs: number, pid: number, clock: Clock): Promise<boolean> {
  const ended = await pollUntil({
    everyMs: groupCheckEveryMs,
    giveUpAfterMs,
    clock,
    check: async () => (signalGroup(pid, 0) ? null : true),
  })
  return ended !== null
}

/** Sends a signal to the process group; 0 only tests. Returns false when the group has no process left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}
