import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** A server in its own process. */
export interface ServerProcess {
  readonly url: string
  /** From the spawn to the line with its URL. */
  readonly listeningMs: number
  /** From the spawn to the first answer of `GET /healthz`. */
  readonly firstAnswerMs: number
  /** CPU seconds so far, user and system. */
  cpuSeconds(): number
  /** Resident memory in MB. */
  memoryMb(): number
  stop(): Promise<void>
}

/** Of `utime` and `stime` in /proc; always 100 on Linux. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const ticksPerSecond = 100

/**
 * Starts a program and waits for its first answer.
 *
 * @param args of Node
 * @param env the whole environment
 */
export async function startServer(args: string[], env: Record<string, string>): Promise<ServerProcess> {
  const begin = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await readUrl(child)
  const listeningMs = performance.now() - begin
  await (await fetch(`${url}/healthz`)).arrayBuffer()
  const proc = `/proc/${child.pid}`
  return {
    url,
    listeningMs,
    firstAnswerMs: performance.now() - begin,
    cpuSeconds() {
      const fields = readFileSync(`${proc}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    },
    memoryMb() {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`${proc}/status`, 'utf8'))?.[1]) / 1024
    },
    async stop() {
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function readUrl(child: ChildProcess): Promise<string> {
  let text = ''
  const { stdout } = child
  if (stdout === null) throw new Error('The output of the server is not piped.')
  stdout.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    child.once('close', () => reject(new Error(`The server ended: ${text}`)))
    stdout.on('data', (chunk: string) => {
      if (text.length > 4096) return
      text += chunk
      const found = /http:\/\/[\d.]+:\d+/.exec(text)
      if (found) resolve(found[0])
    })
  })
}
