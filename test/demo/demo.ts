import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { names, startWorld, type World } from '../sandbox/world.ts'
import { asText } from './as-text.ts'
import { digitFiles } from './digits.ts'
import { page, toHtml } from './page.ts'
import {
  commitTrains,
  pullRequestTrainsNothing,
  replayTrainsNothing,
  upload,
  wrongSecretTrainsNothing,
} from './scenes.ts'
import { createTeller } from './teller.ts'

const folder = fileURLToPath(new URL('../../demo-report/', import.meta.url))

const teller = createTeller({ now: Date.now, print: console.log })
const world = await startWorld({ files: {} })
let closing: Promise<void> | undefined
const close = () => {
  closing ??= world.close()
  return closing
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => close().finally(() => process.exit(130)))
}

try {
  process.exitCode = (await play(world)) ? 0 : 1
} finally {
  await close()
}

async function play(on: World): Promise<boolean> {
  teller.scene('auto-retrain, from a commit to a retraining: on this machine only, no account, no network')
  const first = digitFiles({ from: 0, perDigit: 30 })
  await upload(on, first)
  teller.say(
    `a Hub, a GitHub and AutoTrain listen on loopback; ${names.dataset} has ${Object.keys(first).length} digits`,
  )
  const relay = await on.connectRelay()
  teller.say(`the relay (dist/relay/index.js) listens on ${relay.url}, and a webhook of the dataset calls it`)

  const stage = { world: on, teller }
  const trained = await commitTrains(stage)
  const results = [
    trained,
    await replayTrainsNothing(stage),
    await pullRequestTrainsNothing(stage),
    await wrongSecretTrainsNothing(stage, relay),
  ]
  const html = toHtml(trained.summary)
  teller.scene(`The job summary of the training:\n\n${asText(html)}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}summary.html`, page({ title: 'Job summary', html }))
  teller.scene(`As a page: ${folder}summary.html`)
  const good = results.filter(({ ok }) => ok).length
  teller.say(`${good} of ${results.length} events ended as they should`)
  return good === results.length
}
