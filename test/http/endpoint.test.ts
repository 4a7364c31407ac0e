import { describe, expect, test } from '@jest/globals'
import { Refused } from '../../src/domain/verdict.ts'
import { parseEndpoint } from '../../src/http/endpoint.ts'

describe('The base URL of a service', () => {
  test.each([
    ['https://huggingface.co', 'https://huggingface.co'],
    ['https://huggingface.co/', 'https://huggingface.co'],
    ['https://github.acme.test/api/v3', 'https://github.acme.test/api/v3'],
    ['https://github.acme.test/api/v3///', 'https://github.acme.test/api/v3'],
    ['https://HUB.test:8443', 'https://hub.test:8443'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
    ['http://localhost:4000/hub', 'http://localhost:4000/hub'],
    ['http://[::1]:4000', 'http://[::1]:4000'],
  ])('%s becomes %s.', (given, taken) => {
    expect(parseEndpoint('HF_ENDPOINT', given)).toBe(taken)
  })

  test.each([
    ['nothing', ''],
    ['no URL', 'huggingface.co'],
    ['no host', 'https://'],
    ['an unencrypted one', 'http://huggingface.co'],
    ['an unencrypted one that looks like loopback', 'http://localhost.evil.test'],
    ['an unencrypted one with loopback as its user', 'http://127.0.0.1@evil.test'],
    ['an unencrypted one of the local network', 'http://192.168.0.1'],
    ['a user', 'https://someone@huggingface.co'],
    ['a password alone', 'https://:word@huggingface.co'],
    ['a user and a password', 'https://someone:word@huggingface.co'],
    ['a query', 'https://huggingface.co?x=1'],
    ['an empty query', 'https://huggingface.co/?'],
    ['a fragment', 'https://huggingface.co#x'],
    ['an empty fragment', 'https://huggingface.co/#'],
    ['a file', 'file:///etc/passwd'],
    ['another protocol', 'ftp://huggingface.co'],
    ['a script', 'javascript:alert(1)'],
  ])('%s (%s) is refused with an error that names the setting.', (_, given) => {
    const parse = () => parseEndpoint('HF_ENDPOINT', given)
    expect(parse).toThrow(Refused)
    expect(parse).toThrow(
      'HF_ENDPOINT must be an https:// URL without user, query and fragment (http:// is allowed on loopback only).',
    )
  })
})
