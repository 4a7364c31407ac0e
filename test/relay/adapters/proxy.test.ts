import { expect, test } from '@jest/globals'
import { NoAnswerError } from '../../../src/http/errors.ts'
import { startNodeRelay } from '../../../src/relay/adapters/node.ts'
import { environment } from '../local-relay.ts'

test('The log hides the password of a proxy, as written and decoded.', async () => {
  const lines: string[] = []
  const relay = await startNodeRelay({
    env: environment(
      { url: 'https://ghes.example/api/v3' },
      { HTTPS_PROXY: 'http://ada:p%40ss-word@proxy.test' },
    ),
    writeLine: (line) => lines.push(line),
    send: async (url) => {
      const cause = Object.assign(new Error(), { code: 'a p%40ss-word and a p@ss-word' })
      throw new NoAnswerError({ method: 'GET', url, cause })
    },
  })
  expect(await relay.check()).toBe(false)
  await relay.drain()
  expect(lines.join('\n')).toContain('a *** and a ***')
  expect(lines.join('\n')).not.toMatch(/ss-word/)
})
