import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { names, startWorld, type World } from '../sandbox/world.ts'
import { asText } from './as-text.ts'
import { digitFiles } from './digits.ts'
import { exitCodeOf, interrupted } from './interruption.ts'
import { page, toHtml } from './page.ts'
import {
  commitTrains,
  handTrains,
  pullRequestTrainsNothing,
  replayTrainsNothing,
  upload,
  wrongSecretTrainsNothing,
} from './scenes.ts'
import { createTeller } from './teller.ts'

const folder = fileURLToPath(new URL('../../demo-report/', import.meta.url))

const teller = createTeller({ now: Date.now, print: console.log })
const interruption = interrupted()
const starting = startWorld({ files: {} })
let isInterrupted = false
try {
  const end = await Promise.race([starting.then(play), interruption])
  if (typeof end === 'boolean') {
    process.exitCode = end ? 0 : 1
  } else {
    isInterrupted = true
    teller.scene('Stopped: the demo ends what it has started, and then itself.')
    teller.silence()
    process.exitCode = exitCodeOf(end)
  }
} finally {
  await (await starting).close()
}
// What was playing waits for answers that will not come any more.
if (isInterrupted) process.exit()

async function play(world: World): Promise<boolean> {
  teller.scene('auto-retrain, from a commit to a retraining: on this machine only, no account, no network')
  const first = digitFiles({ from: 0, perDigit: 10 })
  await upload(world, first)
  teller.say(
    `a Hub, a GitHub and AutoTrain listen on loopback; ${names.dataset} has ${Object.keys(first).length} digits`,
  )
  const relay = await world.connectRelay()
  teller.say(`the relay (dist/relay/index.js) listens on ${relay.url}, and a webhook of the dataset calls it`)

  const stage = { world, teller }
  const byHand = await handTrains(stage)
  const byCommit = await commitTrains(stage)
  const results = [
    byHand,
    byCommit,
    await replayTrainsNothing(stage),
    await pullRequestTrainsNothing(stage),
    await wrongSecretTrainsNothing(stage, relay),
  ]
  const html = toHtml(byCommit.summary)
  teller.scene(`The job summary of the training that the commit led to:\n\n${asText(html)}`)
  mkdirSync(folder, { recursive: true })
  const note =
    'A job summary, as npm run demo left it. Its links led to the Hub and the GitHub of the demo, which ended with it.'
  writeFileSync(`${folder}summary.html`, page({ title: 'Job summary', note, html }))
  teller.scene(`The same as a page, with its diagrams: ${folder}summary.html`)
  teller.say('its links lead to the Hub and the GitHub of this demo, which end with it')
  const good = results.filter(({ ok }) => ok).length
  teller.say(`${good} of ${results.length} scenes ended as they should`)
  return good === results.length
}
