import { connect, type Socket } from 'node:net'

/** One request, ready to be sent again and again over connections that stay open. */
export interface Load {
  readonly url: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Uint8Array
  /** The status that every answer must have. */
  readonly status: number
}

/** What came of it. */
export interface LoadResult {
  readonly requests: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/**
 * Sends the same request over and over, one at a time on each connection, and measures each answer. It does as
 * little as a client can, so that the server is what is measured.
 *
 * @throws when an answer has another status than the one expected
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
  return { requests: times.length, perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99) }
}

function rawRequest({ url, path, headers, body }: Load): Buffer {
  const lines = [`POST ${path} HTTP/1.1`, `Host: ${new URL(url).host}`, `Content-Length: ${body.byteLength}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
}

function runConnection(load: Load, end: number, took: (ms: number) => void): Promise<void> {
  const request = rawRequest(load)
  const { hostname, port } = new URL(load.url)
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const expected = `HTTP/1.1 ${load.status} `
  return new Promise((resolve, reject) => {
    let sent = 0
    let answer = ''
    const next = () => {
      answer = ''
      sent = performance.now()
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
      took(now - sent)
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
