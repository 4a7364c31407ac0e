import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** How a process ended. */
export interface ProcessEnd {
  code: number | null
  signal: NodeJS.Signals | null
  /** Why it could not even start. */
  error?: Error
}

/** A process with all its children, under way. */
export interface ProcessGroup {
  readonly pid: number | undefined
  readonly ended: Promise<ProcessEnd>
  /** Asks it to end, and forces it to after a while. */
  stop(graceMs: number): void
  /** What the kernel does when memory is short: kills the largest process that has no children of its own. */
  killLargest(): void
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It is gone already.
  }
}

interface Listed {
  pid: number
  parent: number
  group: number
  pages: number
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the name may hold spaces and parentheses */
function listProcesses(): Listed[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name): Listed[] => {
        try {
          const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
          const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
          const [parent, group, pages] = [fields[1], fields[2], fields[21]].map(Number)
          return [{ pid: Number(name), parent: parent ?? 0, group: group ?? 0, pages: pages ?? 0 }]
        } catch {
          return []
        }
      })
  } catch {
    return []
  }
}

/**
 * Starts a program in a process group of its own and hands over what it prints, line by line, both streams
 * together. When the program itself ends, whatever it left behind is killed, as a container's end does it.
 *
 * @param options what to start, and who gets the lines
 * @returns the running group
 */
export function startGroup(options: {
  file: string
  args: readonly string[]
  cwd: string
  env: Readonly<Record<string, string>>
  onLine: (line: string) => void
}): ProcessGroup {
  const child = spawn(options.file, options.args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) options.onLine(line)
    })
    stream.on('end', () => {
      if (rest !== '') options.onLine(rest)
    })
  }

  let force: NodeJS.Timeout | undefined
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.on('error', (error) => {
      if (pid === undefined) resolve({ code: null, signal: null, error })
    })
    child.on('exit', () => {
      clearTimeout(force)
      if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    })
    child.on('close', (code, signal) => resolve({ code, signal }))
  })

  return {
    pid,
    ended,
    stop(graceMs) {
      if (pid === undefined) return
      if (graceMs === 0) {
        signalGroup(pid, 'SIGKILL')
        return
      }
      signalGroup(pid, 'SIGTERM')
      force = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs)
    },
    killLargest() {
      if (pid === undefined) return
      const members = listProcesses().filter(({ group }) => group === pid)
      const parents = new Set(members.map(({ parent }) => parent))
      const [largest] = members
        .filter((member) => !parents.has(member.pid))
        .toSorted((a, b) => b.pages - a.pages)
      if (largest === undefined) signalGroup(pid, 'SIGKILL')
      else process.kill(largest.pid, 'SIGKILL')
    },
  }
}
