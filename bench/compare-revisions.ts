// Measures the time and the memory of comparing two revisions of a large dataset.
// Usage: node --expose-gc --import ./test/node-setup.js bench/compare-revisions.ts [files]
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { changeBetween } from '../src/domain/change/change.ts'
import { systemClock } from '../src/http/clock.ts'
import { defaultPolicy, withPolicy } from '../src/http/exchange.ts'
import { createNodeSend } from '../src/http/node-fetch.ts'
import { listDatasetFiles } from '../src/hub/dataset-files.ts'
import { createHub } from '../src/hub/hub.ts'
import { pathRule } from '../src/recipe/paths.ts'
import { names } from '../test/sandbox/world.ts'

interface Serving {
  url: string
  from: string
  to: string
}

const files = Number(process.argv[2] ?? '200000')
// The sandbox Hub holds the dataset in memory, so it has a process of its own.
const server = fork(fileURLToPath(new URL('compare-revisions-server.ts', import.meta.url)), [String(files)], {
  execArgv: process.execArgv,
})
const serving = await new Promise<Serving>((resolve) =>
  server.once('message', (value) => resolve(value as Serving)),
)

const clock = systemClock
const hub = createHub({
  url: serving.url,
  token: names.hubToken,
  http: withPolicy({ send: createNodeSend(), policy: defaultPolicy, clock }),
  platformFetch: fetch,
  clock,
})
globalThis.gc?.()
const before = process.memoryUsage()
let peak = 0
const timer = setInterval(() => {
  globalThis.gc?.()
  peak = Math.max(peak, process.memoryUsage().heapUsed)
}, 100)
const started = performance.now()
const signal = AbortSignal.timeout(600_000)
const list = (revision: string) => listDatasetFiles(hub, { dataset: names.dataset, revision, signal })
const change = changeBetween({
  from: { revision: serving.from, files: await list(serving.from) },
  to: await list(serving.to),
  isRelevant: pathRule({ paths: [], pathsIgnore: ['README.md'] }),
})
clearInterval(timer)
const seconds = (performance.now() - started) / 1000
console.log(
  JSON.stringify({
    files,
    seconds: Number(seconds.toFixed(1)),
    peakLiveHeapMb: Math.round((peak - before.heapUsed) / 1e6),
    counts: change.counts,
    relevant: change.relevant,
  }),
)
server.disconnect()
