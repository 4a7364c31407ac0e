import { parentPort, workerData } from 'node:worker_threads'
import type { Month, Said } from './months.ts'
import { simulate } from './simulation.ts'

const month: Month = workerData
const say = (said: Said) => parentPort?.postMessage(said)
const { about } = month
const result = await simulate({
  ...month,
  tell: (line) => {
    if (about !== null && line.includes(about)) say({ line })
  },
})
say({ result })
