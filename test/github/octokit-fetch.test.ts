import { expect, test } from '@jest/globals'
import { createGitHubFetch } from '../../src/github/octokit-fetch.ts'
import { createFakeClock } from '../http/fake-clock.ts'
import { startLocalServer } from '../http/local-server.ts'

test('Each try of a request to GitHub writes one debug line, without the query and the token.', async () => {
  let answers = 0
  const server = await startLocalServer((_, response) => {
    answers += 1
    response.writeHead(answers === 1 ? 503 : 200).end('{}')
  })
  const lines: string[] = []
  const debug = (line: string) => lines.push(line)
  const gitHubFetch = createGitHubFetch({
    apiUrl: server.url,
    token: 'ghs_secret',
    platformFetch: fetch,
    clock: createFakeClock(),
    debug,
  })
  const response = await gitHubFetch(`${server.url}/repos/acme/retrain?page=2`, {
    headers: { authorization: 'token ghs_secret' },
  })
  expect(response.status).toBe(200)
  expect(lines).toEqual([
    `GET ${server.url}/repos/acme/retrain: 503 in 0 ms (try 1)`,
    `GET ${server.url}/repos/acme/retrain: 200 in 0 ms (try 2)`,
  ])
  await server.close()
})
