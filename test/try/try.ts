import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { exitCodeOf, waitForInterruption } from '../demo/interruption.ts'
import { readArguments, usage } from './arguments.ts'
import { runText, summaryPage } from './show.ts'
import { TryError } from './try-error.ts'
import { type Ready, tryWorkflow } from './try-workflow.ts'

const page = fileURLToPath(new URL('../../demo-report/try.html', import.meta.url))

const interruption = waitForInterruption()
const stop = new AbortController()
const ended = main()
const outcome = await Promise.race([ended, interruption])
if (typeof outcome === 'number') {
  process.exitCode = outcome
} else {
  console.log('\nInterrupted: stopping everything that was started.')
  stop.abort()
  await ended.catch(() => {})
  // The interrupted run still waits for answers that will never come.
  process.exit(exitCodeOf(outcome))
}

async function main(): Promise<number> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof TryError)) throw error
    console.error(`try: ${error.message}`)
    return 2
  }
}

async function run(): Promise<number> {
  const given = readArguments(process.argv.slice(2))
  if (given === null) {
    console.log(usage)
    return 0
  }
  const { path } = given
  const result = await tryWorkflow({
    ...given,
    // npm runs scripts in the folder of package.json, and says where the person stands.
    folder: process.env.INIT_CWD ?? process.cwd(),
    onReady: (ready) => console.log(introduction(path, ready)),
    signal: stop.signal,
  })
  console.log(runText(result))
  const html = summaryPage(path, result)
  if (html !== null) {
    mkdirSync(fileURLToPath(new URL('.', `file://${page}`)), { recursive: true })
    writeFileSync(page, html)
    console.log(`\nThe summary as a page with diagrams: ${page}`)
  }
  return result.conclusion === 'success' ? 0 : 1
}

function introduction(path: string, { event, recipes, notes }: Ready): string {
  const trained = recipes.map(
    ({ inputDataset, trainer, targetNamespace, autotrainProjectPrefix }) =>
      `  ${inputDataset} -> ${targetNamespace}/${autotrainProjectPrefix}-... with the trainer ${trainer}`,
  )
  return [
    `Running ${path} by ${event}.`,
    ...trained,
    '',
    'Not real here:',
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n')
}
