// Holds this project against software that others wrote: the real AutoTrain, the Hub's Python client, `act`, linters.
// Usage: npm run reality -- [--only lint,hf,publish,act,autotrain] [--newest] [--strict] [--minutes 17] [--cache FOLDER]
//   [--sabotage NAME] [--list]
// --newest takes the newest versions in place of those that the answers were found with. --strict fails for a skip, too.
// --sabotage makes one answer of a check wrong, which must make it fail; NAME is a check, a group or all.
// It installs into a folder outside of the repository, uses loopback only for the rest, and skips what this machine
// cannot do. docs/reality.md has the results of a run, and what no such run can show.
import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { checks } from './checks.ts'
import { describe, runLane, selectChecks, selectSabotaged, summarize } from './lane.ts'
import { killAll } from './tools/command.ts'
import { findTools } from './tools/tools.ts'
import { versionsFor } from './tools/versions.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    sabotage: { type: 'string' },
    newest: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '17' },
    cache: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})

/** https://specifications.freedesktop.org/basedir-spec/latest/ */
const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
const cache = resolve(values.cache ?? join(cacheHome, 'auto-retrain-reality'))

process.on('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

async function main(): Promise<number> {
  const chosen = selectChecks(checks, values.only)
  const sabotaged = selectSabotaged(chosen, values.sabotage)
  if (values.list) {
    for (const { name } of chosen) console.log(name)
    return 0
  }
  const minutes = Number(values.minutes)
  if (!(minutes > 0)) throw new Error('--minutes must be a number above 0.')
  const versions = versionsFor({ newest: values.newest, day: new Date().toISOString().slice(0, 10) })
  console.log(`Installations: ${cache} (${versions.stamp})`)
  const outcomes = await runLane({
    checks: chosen,
    tools: findTools({ cache, versions, path: process.env.PATH ?? '' }),
    sabotaged,
    now: () => performance.now(),
    limitMs: minutes * 60_000,
    keepLog: (name, log) => {
      const file = join(cache, 'logs', `${name.replaceAll(/\W+/g, '-')}.log`)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, log)
      return file
    },
    report: (outcome) => console.log(describe(outcome)),
  })
  console.log(summarize(outcomes))
  const isBad = (result: string) => result === 'failed' || (values.strict && result === 'skipped')
  return outcomes.some(({ result }) => isBad(result)) ? 1 : 0
}

try {
  process.exit(await main())
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(2)
}
