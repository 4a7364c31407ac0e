import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { exitCodeOf, waitForInterruption } from '../demo/interruption.ts'
import { runText, summaryPage } from './show.ts'
import { TryError } from './try-error.ts'
import { type Ready, tryWorkflow } from './try-workflow.ts'

const usage = `Usage: npm run try -- WORKFLOW.yml [options]
Runs a workflow file that uses this action against stand-ins for the Hub and GitHub, without an account or a network.

  --event NAME         workflow_dispatch, repository_dispatch or schedule (default: the first that it listens to)
  --input NAME=VALUE   an input of workflow_dispatch; may be repeated
  --var NAME=VALUE     a value of the vars context; may be repeated
  --data FOLDER        the files of the dataset, in place of made-up ones
  --action OWNER/NAME  your copy of this action, if it is not called auto-retrain
  --run-scripts        really run the workflow's scripts (run: and trainer: command) on this machine
  --help               show this text

Exit code: 0 if the run succeeded, 1 if it failed, 2 if it could not start.`

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
  const { values, positionals } = read()
  const [path] = positionals
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (path === undefined || positionals.length > 1) throw new TryError(`name one workflow file.\n\n${usage}`)
  const result = await tryWorkflow({
    path,
    // npm runs scripts in the folder of package.json, and says where the person stands.
    folder: process.env.INIT_CWD ?? process.cwd(),
    inputs: pairs('--input', values.input),
    variables: pairs('--var', values.var),
    withScripts: values['run-scripts'] ?? false,
    ...(values.event !== undefined && { event: values.event }),
    ...(values.action !== undefined && { action: values.action }),
    ...(values.data !== undefined && { data: values.data }),
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

function read() {
  try {
    return parseArgs({
      args: process.argv.slice(2),
      allowPositionals: true,
      options: {
        event: { type: 'string' },
        input: { type: 'string', multiple: true },
        var: { type: 'string', multiple: true },
        data: { type: 'string' },
        action: { type: 'string' },
        'run-scripts': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new TryError(`${(error as Error).message}\n\n${usage}`)
  }
}

function pairs(option: string, given: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new TryError(`${option} takes NAME=VALUE, not "${text}".`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
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
