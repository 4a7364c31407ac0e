import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A demo in a process group and with temporary folders of its own. */
export interface DemoProcess {
  /** Resolves once what it printed holds the text. */
  says(text: string): Promise<void>
  output(): string
  /** Sends a signal to the program alone, or, as a terminal does, to its whole process group. */
  signal(name: NodeJS.Signals, to?: 'program' | 'group'): void
  /** Closes what it prints into, as a terminal that goes away does. */
  hangUp(): void
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** What is there of it: processes by their command line, and temporary files. */
  left(): string[]
  /** Ends by force whatever is left. */
  remove(): void
}

/** Starts `npm run demo` without npm. */
export function startDemo(): DemoProcess {
  const folder = mkdtempSync(join(tmpdir(), 'demo-test-'))
  const child = spawn(process.execPath, ['--import', './test/node-setup.js', 'test/demo/demo.ts'], {
    cwd: root,
    env: { PATH: process.env.PATH, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const pid = child.pid ?? 0
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  const isOurs = (process: Process) => process.group === pid || process.folder.startsWith(folder)
  return {
    output: () => output,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => output.includes(text) && resolve()
        child.stdout.on('data', look)
        child.once('exit', () => reject(new Error(`It ended before it said "${text}":\n${output}`)))
        look()
      }),
    signal: (name, to = 'program') => process.kill(to === 'group' ? -pid : pid, name),
    hangUp() {
      child.stdout.destroy()
      child.stderr.destroy()
    },
    ended: new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 0))
    }),
    left: () => [
      ...listProcesses()
        .filter(isOurs)
        .map(({ command }) => command),
      ...readdirSync(folder),
    ],
    remove() {
      for (const { pid } of listProcesses().filter(isOurs)) process.kill(pid, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Process {
  readonly pid: number
  readonly group: number
  /** Where it works: what AutoTrain runs in is a process group of its own. */
  readonly folder: string
  readonly command: string
}

/** https://man7.org/linux/man-pages/man5/proc.5.html */
function listProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        if (state === 'Z') return []
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return [
          { pid: Number(name), group: Number(group), folder: readlinkSync(`/proc/${name}/cwd`), command },
        ]
      } catch {
        return []
      }
    })
}
