import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundleWorker } from '../test/relay/adapters/worker-bundle.ts'
import { hubEvent, secret } from '../test/relay/event.ts'
import { measureLoad, measureStart, type Program } from './measure.ts'
import { printReport, type Report } from './report.ts'

// npm run bench [-- --rounds 20 --ms 500 --relay dist/relay/index.js]
// Measures the packaged relay and two minimal servers that do the same work, and writes the results to
// bench/results.json. The ratios hold on other machines, the absolute numbers do not.

const rounds = Number(option('rounds') ?? 20)
const ms = Number(option('ms') ?? 500)
const connections = 32

/** Time for V8 to compile the code: before that a larger program looks slower than it is. */
const warmUpMs = 4000

const body = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const validHeaders = {
  'content-type': 'application/json',
  'x-webhook-secret': secret,
  'webhook-id': 'msg_bench',
}
const wrongSecret = { ...validHeaders, 'x-webhook-secret': `${secret}x` }
const prRef = [{ ref: 'refs/pr/5', oldSha: null, newSha: 'c'.repeat(40) }]
const loads = {
  'wrong secret': { path: '/webhook', headers: wrongSecret, body: body(hubEvent()), status: 403 },
  filtered: {
    path: '/webhook',
    headers: validHeaders,
    body: body(hubEvent({ updatedRefs: prRef })),
    status: 200,
  },
  forwarded: { path: '/webhook', headers: validHeaders, body: body(hubEvent()), status: 202 },
  '1 MiB junk': {
    path: '/webhook',
    headers: validHeaders,
    body: new Uint8Array(1024 * 1024).fill(0x7b),
    status: 400,
  },
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

async function startGitHub(): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => response.writeHead(request.method === 'GET' ? 200 : 204).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close().closeAllConnections() }
}

/** Bundles a minimal server into one file, like the relay, so that start times are comparable. */
function bundle(entry: string, folder: string): string {
  const out = join(folder, `${entry.replaceAll(/\W/g, '-')}.mjs`)
  const flags = ['--bundle', '--platform=node', '--format=esm', '--log-level=error', `--outfile=${out}`]
  execFileSync('node_modules/.bin/esbuild', [entry, ...flags], { stdio: 'inherit' })
  return out
}

async function measure(programs: readonly Program[], env: Record<string, string>): Promise<Report> {
  const results: Report['results'] = {}
  for (const [what, load] of Object.entries(loads)) {
    console.error(what)
    results[what] = await measureLoad({ programs, env, load, connections, warmUpMs, ms, rounds })
  }
  console.error('start')
  const start = await measureStart({ programs, env, rounds })
  const worker = await bundleWorker()
  return {
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
    settings: { connections, ms, rounds },
    results,
    start,
    workerBytes: { bundled: Buffer.byteLength(worker), compressed: gzipSync(worker).byteLength },
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
  try {
    const report = await measure(
      [
        { name: 'bare node:http', file: bundle('bench/baselines/bare-http.ts', folder) },
        { name: 'bare hono', file: bundle('bench/baselines/bare-hono.ts', folder) },
        { name: 'relay', file: option('relay') ?? 'dist/relay/index.js' },
      ],
      env,
    )
    writeFileSync('bench/results.json', `${JSON.stringify(report, null, 2)}\n`)
    printReport(report)
  } finally {
    github.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
