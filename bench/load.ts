import { connect, type Socket } from 'node:net'

/** A request that is sent again and again over kept-alive connections. */
export interface Load {
  readonly url: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Uint8Array
  /** The expected status of every answer. */
  readonly status: number
}

/** The result of a load. */
interface LoadResult {
  readonly requests: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * Sends the same request over and over, one at a time on each connection, and measures the time of each answer. The
 * client does as little as possible, so that the server is measured.
 *
 * @throws when an answer has another status
 */
export async function runLoad(load: Load, options: { connections: number; ms: number }): Promise<LoadResult> {
  const { connections, ms } = options
  const begin = performance.now()
  const times: number[] = []
  await Promise.all(
    Array.from({ length: connections }, () => runConnection(load, begin + ms, (time) => times.push(time))),
  )
  const seconds = (performance.now() - begin) / 1000
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { requests: times.length, perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}

function rawRequest({ url, path, headers, body }: Load): Buffer {
  const lines = [`POST ${path} HTTP/1.1`, `Host: ${new URL(url).host}`, `Content-Length: ${body.byteLength}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
}

function runConnection(load: Load, end: number, onAnswer: (ms: number) => void): Promise<void> {
  const request = rawRequest(load)
  const { hostname, port } = new URL(load.url)
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const expected = `HTTP/1.1 ${load.status} `
  return new Promise((resolve, reject) => {
    let sentAt = 0
    let answer = ''
    const next = () => {
      answer = ''
      sentAt = performance.now()
      socket.write(request)
    }
    socket.setEncoding('latin1')
    socket.on('connect', next)
    socket.on('error', reject)
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (!isWhole(answer)) return
      if (!answer.startsWith(expected)) {
        reject(new Error(`The answer is not ${load.status}: ${answer}`))
        return
      }
      const now = performance.now()
      onAnswer(now - sentAt)
      if (now < end) next()
      else socket.end(() => resolve())
    })
  })
}

function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n')
  if (headEnd < 0) return false
  const length = /content-length: (\d+)/i.exec(answer)
  return answer.length - headEnd - 4 >= Number(length?.[1] ?? 0)
}
