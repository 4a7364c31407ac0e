import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { names, startWorld, type World } from '../sandbox/world.ts'
import { asText } from './as-text.ts'
import { digitFiles } from './digits.ts'
import { exitCodeOf, waitForInterruption } from './interruption.ts'
import { createNarrator } from './narrator.ts'
import { page, toHtml } from './page.ts'
import {
  commitTrains,
  handTrains,
  pullRequestTrainsNothing,
  replayTrainsNothing,
  upload,
  wrongSecretTrainsNothing,
} from './scenes.ts'

const folder = fileURLToPath(new URL('../../demo-report/', import.meta.url))

/** The main example, which publishes a better model too. */
const workflow = readFileSync(new URL('../../examples/retrain.yml', import.meta.url), 'utf8').replace(
  /^( *)# (publish-to: \S+).*$/m,
  '$1$2\n$1compare-metric: eval_accuracy',
)

const narrator = createNarrator({ now: Date.now, print: console.log })
const interruption = waitForInterruption()
const starting = startWorld({ files: {}, runner: { workflows: { 'retrain.yml': workflow } } })
let isInterrupted = false
try {
  const end = await Promise.race([starting.then(play), interruption])
  if (typeof end === 'boolean') {
    process.exitCode = end ? 0 : 1
  } else {
    isInterrupted = true
    narrator.scene('Interrupted: stopping everything that the demo started.')
    narrator.silence()
    process.exitCode = exitCodeOf(end)
  }
} finally {
  await (await starting).close()
}
// The interrupted scene still waits for answers that will never come.
if (isInterrupted) process.exit()

async function play(world: World): Promise<boolean> {
  narrator.scene(
    'auto-retrain demo: from a commit to a trained model, on this machine, without an account or a network',
  )
  const first = digitFiles({ from: 0, perDigit: 10 })
  await upload(world, first)
  narrator.line(
    `local stand-ins for the Hub, GitHub and AutoTrain listen on loopback; ${names.dataset} has ${Object.keys(first).length} digits`,
  )
  const relay = await world.connectRelay()
  narrator.line(`the relay (dist/relay/index.js) listens on ${relay.url}, and the dataset's webhook calls it`)

  const stage = { world, narrator }
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
  narrator.scene(`The job summary of the training that the commit started:\n\n${asText(html)}`)
  mkdirSync(folder, { recursive: true })
  const note =
    'A job summary of npm run demo, with a small stand-in for AutoTrain. Its links no longer work: they lead to the local Hub and GitHub of the demo.'
  writeFileSync(`${folder}summary.html`, page({ title: 'Job summary', note, html }))
  narrator.scene(`The same as a page with diagrams: ${folder}summary.html`)
  narrator.line('its links lead to the local Hub and GitHub, which stop with the demo')
  const good = results.filter(({ ok }) => ok).length
  narrator.line(`${good} of ${results.length} scenes ended as expected`)
  return good === results.length
}
