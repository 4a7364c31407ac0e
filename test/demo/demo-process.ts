import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A demo with its own process group and temporary folder. */
export interface DemoProcess {
  /** Resolves once the output contains the text; rejects when the demo exits before. */
  printed(text: string): Promise<void>
  output(): string
  /** Sends a signal to the program, or to its whole process group, as a terminal does. */
  signal(name: NodeJS.Signals, to?: 'program' | 'group'): void
  /** Closes its output, as a closing terminal does. */
  hangUp(): void
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** @returns the command lines of its remaining processes, and its temporary files */
  left(): string[]
  /** Kills remaining processes and deletes temporary files. */
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
    printed: (text) =>
      new Promise((resolve, reject) => {
        const check = () => output.includes(text) && resolve()
        child.stdout.on('data', check)
        child.once('exit', () => reject(new Error(`The demo exited before it printed "${text}":\n${output}`)))
        check()
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
  /** The working directory, which identifies AutoTrain's processes: they have their own process group. */
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
