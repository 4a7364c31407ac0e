import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { hubEvent, secret } from '../test/relay/event.ts'
import { bundleWorker } from '../test/relay/worker-bundle.ts'
import { type Load, runLoad } from './load.ts'
import { type ServerProcess, startServer } from './server-process.ts'

// npm run bench [-- --seconds 2 --rounds 5]
// Measures the packaged relay beside two floors that do the same work with less around it, all in one run, and
// writes the figures to bench/results.json. Ratios hold on other machines; the figures themselves do not.

const connections = 32

/** Until the compiler has done its work: before that the larger program looks slower than it is. */
const warmUpMs = 3000
const seconds = Number(option('seconds') ?? 2)
const rounds = Number(option('rounds') ?? 5)

const body = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const good = { 'content-type': 'application/json', 'x-webhook-secret': secret, 'webhook-id': 'msg_bench' }
const prRef = [{ ref: 'refs/pr/5', oldSha: null, newSha: 'c'.repeat(40) }]
const loads: Record<string, Omit<Load, 'url' | 'path'>> = {
  'wrong secret': {
    headers: { ...good, 'x-webhook-secret': `${secret}x` },
    body: body(hubEvent()),
    status: 403,
  },
  filtered: { headers: good, body: body(hubEvent({ updatedRefs: prRef })), status: 200 },
  forwarded: { headers: good, body: body(hubEvent()), status: 202 },
  '1 MiB junk': { headers: good, body: new Uint8Array(1024 * 1024).fill(0x7b), status: 400 },
}

interface Figures {
  perSecond: number
  p50Ms: number
  p99Ms: number
  cpuSecondsPer1000: number
  memoryBeforeMb: number
  memoryAfterMb: number
}

type Measured = Record<string, Record<string, Figures[]>>

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

async function startGitHub(): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => response.writeHead(request.method === 'GET' ? 200 : 204).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close().closeAllConnections() }
}

/** The floors as single files too, so that starting them is comparable. */
function bundle(entry: string, folder: string): string {
  const out = join(folder, `${entry.replaceAll(/\W/g, '-')}.mjs`)
  const flags = ['--bundle', '--platform=node', '--format=esm', '--log-level=error', `--outfile=${out}`]
  execFileSync('node_modules/.bin/esbuild', [entry, ...flags], { stdio: 'inherit' })
  return out
}

async function measure(server: ServerProcess, load: Omit<Load, 'url' | 'path'>): Promise<Figures> {
  const whole = { ...load, url: server.url, path: '/webhook' }
  await runLoad(whole, { connections, ms: warmUpMs })
  const memoryBeforeMb = server.memoryMb()
  const cpu = server.cpuSeconds()
  const { requests, perSecond, p50, p99 } = await runLoad(whole, { connections, ms: seconds * 1000 })
  return {
    perSecond,
    p50Ms: p50,
    p99Ms: p99,
    cpuSecondsPer1000: ((server.cpuSeconds() - cpu) / requests) * 1000,
    memoryBeforeMb,
    memoryAfterMb: server.memoryMb(),
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'auto-retrain-bench-'))
  const github = await startGitHub()
  const env = {
    WEBHOOK_SECRET: secret,
    GITHUB_TOKEN: 'bench',
    GITHUB_REPOSITORY: 'acme/retrain',
    GITHUB_API_URL: github.url,
    PORT: '0',
    HOST: '127.0.0.1',
  }
  const programs = {
    'bare node:http': [bundle('bench/floors/bare-http.ts', folder)],
    'bare hono': [bundle('bench/floors/bare-hono.ts', folder)],
    relay: [option('relay') ?? 'dist/relay/index.js'],
  }
  const measured: Measured = {}
  const starts: Record<string, { listening: number[]; first: number[] }> = {}
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, args] of Object.entries(programs)) {
        for (const [what, load] of Object.entries(loads)) {
          const server = await startServer(args, env)
          starts[name] ??= { listening: [], first: [] }
          starts[name].listening.push(server.listeningMs)
          starts[name].first.push(server.firstAnswerMs)
          measured[what] ??= {}
          measured[what][name] ??= []
          measured[what][name].push(await measure(server, load))
          await server.stop()
        }
      }
      console.error(`round ${round + 1} of ${rounds}`)
    }
  } finally {
    github.close()
    rmSync(folder, { recursive: true, force: true })
  }
  await report(measured, starts)
}

async function report(
  measured: Measured,
  starts: Record<string, { listening: number[]; first: number[] }>,
): Promise<void> {
  const keys = [
    'perSecond',
    'p50Ms',
    'p99Ms',
    'cpuSecondsPer1000',
    'memoryBeforeMb',
    'memoryAfterMb',
  ] as const
  const results = Object.fromEntries(
    Object.entries(measured).map(([what, byProgram]) => {
      const medians = Object.fromEntries(
        Object.entries(byProgram).map(([name, figures]) => [
          name,
          Object.fromEntries(keys.map((key) => [key, round(median(figures.map((figure) => figure[key])))])),
        ]),
      )
      return [what, medians]
    }),
  )
  const start = Object.fromEntries(
    Object.entries(starts).map(([name, { listening, first }]) => [
      name,
      { listeningMs: round(median(listening)), firstAnswerMs: round(median(first)) },
    ]),
  )
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
  const settings = { connections, seconds, rounds }
  const worker = await bundleWorker()
  const workerBytes = { bundled: worker.length, compressed: gzipSync(worker).byteLength }
  const all = { machine, settings, results, start, workerBytes }
  writeFileSync('bench/results.json', `${JSON.stringify(all, null, 2)}\n`)
  for (const [what, byProgram] of Object.entries(results)) {
    const floor = byProgram['bare node:http']
    const percent = (figures: Record<string, number>, key: string) =>
      `${Math.round((Number(figures[key]) / Number(floor?.[key])) * 100)} %`
    console.log(`\n${what}`)
    console.table(
      Object.fromEntries(
        Object.entries(byProgram).map(([name, figures]) => [
          name,
          {
            ...figures,
            'speed of the floor': percent(figures, 'perSecond'),
            'CPU of the floor': percent(figures, 'cpuSecondsPer1000'),
          },
        ]),
      ),
    )
  }
  console.log('\nstart')
  console.table(start)
  console.log(`\nWorker: ${workerBytes.bundled} bytes, ${workerBytes.compressed} compressed`)
}

const round = (value: number) => Number(value.toPrecision(4))

await main()
