import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { gitStore } from '../../sandbox/github/git-store.ts'
import { type SandboxGitHub, startGitHub } from '../../sandbox/github/github.ts'
import { noLimits } from '../../sandbox/github/github-rate-limit.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { allQuestions } from './all-questions.ts'
import { createLive } from './environment.ts'
import { askAll, type Question, type Result } from './questions.ts'

const hubToken = 'hf_LiveCheckOfTheSandboxOnly001'
const githubToken = 'github_pat_LiveCheckOfTheSandbox01'
let hub: SandboxHub
let github: SandboxGitHub

beforeEach(async () => {
  hub = await startHub({ jobs: { secondMs: 5, graceMs: 50 } })
  hub.addUser({ name: 'ann', token: hubToken })
  const tokens = { [githubToken]: { contents: 'write', metadata: 'read' } } as const
  github = await startGitHub({
    repositories: [{ name: 'ann/training', private: true, tokens }],
    limits: noLimits,
  })
})
afterEach(() => Promise.all([hub.close(), github.close()]))

const environment = () => ({
  HF_ENDPOINT: hub.url,
  HF_TOKEN: hubToken,
  GITHUB_API_URL: github.url,
  GITHUB_TOKEN: githubToken,
  GITHUB_REPOSITORY: 'ann/training',
  GITHUB_SHA: github.repositories[0]?.headSha,
})

interface Asking {
  questions?: readonly Question[]
  given?: Record<string, string | undefined>
  mayWrite?: boolean
  confirm?: () => Promise<boolean>
}

async function ask({
  questions = allQuestions,
  given,
  mayWrite = true,
  confirm = async () => true,
}: Asking = {}) {
  const live = createLive(given ?? environment(), {
    sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
    hide: () => undefined,
  })
  return askAll({ questions, live, mayWrite, confirm, report: () => undefined })
}

/** Everything that a question could leave behind. */
function leftovers() {
  const { refs } = gitStore(github.repositories[0]!)
  const creations = hub.requests.filter(({ path }) => path === '/api/repos/create')
  const made = creations.map(({ body = '{}' }) => `ann/${JSON.parse(body).name}`)
  return {
    models: made.filter((name) => hub.state.repositories.find('model', name) !== undefined),
    webhooks: hub.state.webhooks.ofOwner(hub.state.accounts.find('ann')!),
    jobs: hub.jobs.all.filter(({ stage }) => stage === 'SCHEDULING' || stage === 'RUNNING').length,
    refs: [...refs.keys()].filter((name) => name.startsWith('refs/auto-retrain/')),
  }
}

const outcomes = (results: readonly Result[]) =>
  Object.fromEntries(results.map(({ question, outcome }) => [question.name, outcome]))

describe('The live check', () => {
  test('With a yes to each question it finds its answers and leaves nothing behind.', async () => {
    const before = leftovers()
    const results = await ask()
    expect(outcomes(results)).toMatchObject({
      'token-rights': 'noted',
      'jobs-right': 'as assumed',
      'job-labels': 'as assumed',
      'folder-in-card': 'as assumed',
      'trusted-publisher': 'not asked',
      'stale-parent': 'as assumed',
      'own-refs': 'as assumed',
      'refs-in-graphql': 'noted',
      'compare-and-swap': 'noted',
      'job-timeout': 'as assumed',
      'autotrain-image': 'as assumed',
      'failed-training': 'as assumed',
      'webhook-job': 'noted',
      'webhook-job-input': 'noted',
    })
    const textOf = (name: string) => results.find(({ question }) => question.name === name)?.text
    expect(textOf('webhook-job')).toBe('the secret is there')
    expect(textOf('webhook-job-input')).toBe('no volume; WEBHOOK_PAYLOAD; WEBHOOK_REPO_ID; WEBHOOK_REPO_TYPE')
    expect(results.flatMap(({ left }) => left)).toEqual([])
    expect(leftovers()).toEqual(before)
  })

  test('Without --write it changes nothing, and says so.', async () => {
    const results = await ask({ mayWrite: false })
    const changing = allQuestions.filter(({ kind }) => kind !== 'reads')
    for (const { name } of changing) expect([name, outcomes(results)[name]]).toEqual([name, 'not asked'])
    const sent = [...hub.requests, ...github.requests].filter(({ method }) => method !== 'GET')
    // These two only ask: whether a token may start Jobs, and whether a card is valid.
    expect(new Set(sent.map(({ path }) => path))).toEqual(
      new Set(['/api/jobs/ann/auth-check/write', '/api/validate-yaml']),
    )
  })

  test('It asks before each question that writes or costs, and a no leaves that one out.', async () => {
    const asked: string[] = []
    const live = createLive(environment(), { sleep: async () => undefined, hide: () => undefined })
    const confirm = async (text: string) => asked.push(text) < 0
    const results = await askAll({
      questions: allQuestions,
      live,
      mayWrite: true,
      confirm,
      report: () => undefined,
    })
    const changing = allQuestions.filter(({ kind }) => kind !== 'reads')
    expect(asked).toEqual(changing.map(({ name, does }) => `${name}: ${does} Go on?`))
    expect(results.filter(({ text }) => text === 'Declined.')).toHaveLength(changing.length)
  })

  test('A question that fails half-way is undone all the same.', async () => {
    hub.fault({
      method: 'POST',
      path: /\/commit\//,
      times: 9,
      status: 500,
      body: { error: 'Internal Error' },
    })
    const before = leftovers()
    const results = await ask({ questions: allQuestions.filter(({ name }) => name === 'stale-parent') })
    expect(results).toMatchObject([
      { outcome: 'failed', text: expect.stringContaining('500 Internal Error') },
    ])
    expect(leftovers()).toEqual(before)
  })

  test('What could not be undone is named.', async () => {
    github.fault({ method: 'DELETE', path: /\/git\/refs\//, status: 502 })
    const [result] = await ask({ questions: allQuestions.filter(({ name }) => name === 'own-refs') })
    expect(result?.left).toEqual([expect.stringMatching(/^delete the ref refs\/auto-retrain\/live-check\//)])
  })

  test('A question whose variable is missing names it.', async () => {
    const results = await ask({ given: { HF_ENDPOINT: hub.url, GITHUB_API_URL: github.url } })
    const named = results.map(({ text }) => /^Set (\w+) to ask this\.$/.exec(text)?.[1])
    expect(new Set(named)).toEqual(new Set(['HF_TOKEN', 'GITHUB_TOKEN']))
  })
})

describe('Tokens', () => {
  test('Each token goes to its own service only, and a redirect is not followed.', async () => {
    const elsewhere: IncomingMessage[] = []
    const server = createServer((request, response) => {
      elsewhere.push(request)
      response.end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    hub.fault({ path: /whoami/, status: 307, times: 9, headers: { location } })
    github.fault({ path: /./, status: 302, times: 9, headers: { location } })
    await ask()
    server.close()
    expect(elsewhere).toEqual([])
    const tokens = (requests: SandboxHub['requests']) => [
      ...new Set(requests.map(({ headers }) => headers.authorization)),
    ]
    expect([tokens(hub.requests), tokens(github.requests)]).toEqual([
      [`Bearer ${hubToken}`],
      [`Bearer ${githubToken}`],
    ])
  })

  test('No token is printed, also where a service sends it back.', async () => {
    hub.fault({ path: /auth-check/, status: 403, body: { error: `No rights: ${hubToken}` } })
    const { output } = await run()
    expect(output).toContain('No rights: ***')
    expect(output).not.toContain(hubToken)
  })
})

test("A Trusted Publisher's token is what the Hub gives for the token of the workflow run.", async () => {
  const runner = createServer((request, response) => {
    const isAsked = request.headers.authorization === 'Bearer of-the-runner-01'
    response.end(JSON.stringify({ value: isAsked ? `for ${request.url}` : '' }))
  })
  await new Promise<void>((resolve) => runner.listen(0, '127.0.0.1', resolve))
  hub.fault({ path: /^\/oauth\/token$/, status: 200, body: { access_token: 'hf_jwt_FromTheExchange' } })
  const results = await ask({
    questions: allQuestions.filter(({ name }) => name === 'trusted-publisher'),
    given: {
      ...environment(),
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(runner.address() as AddressInfo).port}/token?run=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-runner-01',
    },
  })
  runner.close()
  expect(results).toMatchObject([{ outcome: 'as assumed', text: expect.stringMatching(/^401 /) }])
  const exchange = hub.requests.find(({ path }) => path === '/oauth/token')
  expect(JSON.parse(exchange?.body ?? '{}')).toMatchObject({
    subject_token: `for /token?run=1&audience=${encodeURIComponent(hub.url)}`,
    resource: 'ann',
  })
})

describe('npm run live-check', () => {
  test('It exits with 0 when all is as assumed, and says how many questions were not asked.', async () => {
    const { code, output } = await run()
    expect(output).toMatch(/\n4 answered, 0 differ, 0 failed, 10 not asked\n$/)
    expect(code).toBe(0)
  })

  test('It exits with 1 when something differs.', async () => {
    hub.fault({ path: /validate-yaml/, status: 200, body: { errors: [], warnings: [] } })
    expect(await run()).toMatchObject({
      code: 1,
      output: expect.stringContaining('differs    folder-in-card'),
    })
  })

  test('--yes agrees to what --only names, and to nothing else.', async () => {
    expect(await run('--write', '--yes')).toMatchObject({
      code: 2,
      output: '--yes agrees to the questions that --only names: name them.\n',
    })
    const { code, output } = await run('--write', '--yes', '--only', 'own-refs')
    expect([code, output]).toEqual([0, expect.stringMatching(/^as assumed own-refs: .*\n1 answered, /s)])
  })

  test('A question that is not there is refused with the names of those that are.', async () => {
    const { code, output } = await run('--only', 'own-refs,none')
    expect([code, output]).toEqual([
      2,
      expect.stringContaining('there is no question none. The questions are token-'),
    ])
  })
})

function run(...args: string[]): Promise<{ code: number | null; output: string }> {
  const program = ['--import', './test/node-setup.js', 'test/reality/live/live-check.ts', ...args]
  const child = spawn(process.execPath, program, {
    env: { PATH: process.env.PATH, ...environment() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const add = (text: string) => {
    output += text
  }
  child.stdout.setEncoding('utf8').on('data', add)
  child.stderr.setEncoding('utf8').on('data', add)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}
