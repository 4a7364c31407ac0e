import { parentPort, workerData } from 'node:worker_threads'
import { simulate } from './simulation.ts'
import type { Said, Stretch } from './stretches.ts'

const stretch: Stretch = workerData
const say = (said: Said) => parentPort?.postMessage(said)
const { about } = stretch
const result = await simulate({
  ...stretch,
  tell: (line) => {
    if (about !== null && line.includes(about)) say({ line })
  },
})
say({ result })
