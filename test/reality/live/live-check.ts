// Finds out what only a live account can show, for the first person who has one: docs/reality.md lists the questions.
// Usage: npm run live-check -- [--only NAME,NAME] [--write [--yes]] [--list]
// It reads HF_TOKEN, LIVE_NAMESPACE (default: the token's account), GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_SHA from
// the environment, and HF_ENDPOINT and GITHUB_API_URL where these are not the public ones. Without --write it changes
// nothing; with it, it asks before each question that writes or costs, and deletes what it made. --yes agrees to those
// that --only names, where no person can answer, as in a workflow.
import { createInterface } from 'node:readline/promises'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { createHider } from '../../../src/http/hide-secret.ts'
import { allQuestions } from './all-questions.ts'
import { createLive, secretsOf } from './environment.ts'
import { askAll, type Question, type Result } from './questions.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})

const secrets = secretsOf(process.env)
/** What a service says may have anything in it. */
const plain = (text: string) => stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ')
const say = (text: string) => console.log(plain(createHider(secrets)(text)))

function choose(only: string | undefined): readonly Question[] {
  if (only === undefined) return allQuestions
  const wanted = only.split(',').map((name) => name.trim())
  const unknown = wanted.filter((name) => !allQuestions.some((question) => question.name === name))
  if (unknown.length === 0) return allQuestions.filter(({ name }) => wanted.includes(name))
  const names = allQuestions.map(({ name }) => name).join(', ')
  throw new Error(`--only: there is no question ${unknown.join(', ')}. The questions are ${names}.`)
}

function report({ question, outcome, text, left }: Result): void {
  say(`${outcome.padEnd(10)} ${question.name}: ${question.asks}`)
  say(`           Assumed: ${question.assumed}`)
  say(`           Seen: ${text}`)
  for (const what of left) say(`           NOT CLEANED UP: ${what}. Do it by hand.`)
}

async function main(): Promise<number> {
  const questions = choose(values.only)
  if (values.list) {
    for (const { name, kind, asks } of questions) say(`${kind.padEnd(6)} ${name}: ${asks}`)
    return 0
  }
  if (values.yes && values.only === undefined) {
    throw new Error('--yes agrees to the questions that --only names: name them.')
  }
  const input = createInterface({ input: process.stdin, output: process.stdout })
  const results = await askAll({
    questions,
    live: createLive(process.env, {
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      hide: (secret) => void secrets.push(secret),
    }),
    mayWrite: values.write,
    confirm: async (text) =>
      values.yes || /^y(?:es)?$/i.test((await input.question(`${text} [y/N] `)).trim()),
    report,
  })
  input.close()
  const count = (...outcomes: Result['outcome'][]) =>
    results.filter(({ outcome }) => outcomes.includes(outcome)).length
  const isClean = results.every(({ left }) => left.length === 0)
  say(
    `${count('as assumed', 'noted')} answered, ${count('differs')} differ, ${count('failed')} failed, ` +
      `${count('not asked')} not asked`,
  )
  return isClean && count('differs', 'failed') === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
