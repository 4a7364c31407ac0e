import { describe, expect, test } from '@jest/globals'
import { HttpError, type HttpErrorOptions, NoAnswerError } from '../../src/http/errors.ts'

const now = 1_790_000_000_000
const answer = (
  change: Partial<Omit<HttpErrorOptions, 'headers'>> & { headers?: Record<string, string> } = {},
) =>
  new HttpError({
    status: 404,
    method: 'GET',
    url: 'https://hub.test/api/datasets/acme/digits',
    body: '{"error":"Repository not found"}',
    words: null,
    now,
    ...change,
    headers: new Headers(change.headers),
  })

describe('An HttpError', () => {
  test('Its message contains method, URL and status.', () => {
    expect(answer().message).toBe('GET https://hub.test/api/datasets/acme/digits answered 404')
  })

  test('Its message says that the body of a 2xx is unexpected.', () => {
    expect(answer({ status: 200 }).message).toMatch(/answered 200 with an unexpected body$/)
  })

  test.each(['x-github-request-id', 'x-request-id', 'x-amzn-trace-id', 'x-amz-cf-id'])(
    'Its message contains the request id from the header %s.',
    (name) => {
      const error = answer({ headers: { [name]: 'Root=1-6560-ab' } })
      expect(error.requestId).toBe('Root=1-6560-ab')
      expect(error.message).toMatch(/answered 404 \(request id Root=1-6560-ab\)$/)
    },
  )

  test("It prefers the server's request id to the load balancer's.", () => {
    expect(answer({ headers: { 'x-amz-cf-id': 'balancer', 'x-request-id': 'server' } }).requestId).toBe(
      'server',
    )
  })

  test.each(['a b', '<b>', '%0A', 'x'.repeat(129), ''])('It leaves out the invalid request id %j.', (id) => {
    expect(answer({ headers: { 'x-request-id': id } })).toMatchObject({
      requestId: null,
      message: 'GET https://hub.test/api/datasets/acme/digits answered 404',
    })
  })

  test("It reads the Hub's error code and ignores an invalid one.", () => {
    expect(answer({ headers: { 'x-error-code': 'RepoNotFound' } }).code).toBe('RepoNotFound')
    expect(answer({ headers: { 'x-error-code': 'Repo <b>' } }).code).toBeNull()
    expect(answer().code).toBeNull()
  })

  test('It keeps at most 2000 characters of the body, and none in its message.', () => {
    const error = answer({ body: 'hostile '.repeat(10_000) })
    expect(error.body).toHaveLength(2000)
    expect(error.message).not.toContain('hostile')
  })

  test('It has the time that the server asks to wait.', () => {
    expect(answer({ status: 429, headers: { 'retry-after': '30' } }).retryAfterMs).toBe(30_000)
    expect(answer().retryAfterMs).toBeNull()
  })

  test('With a next step it is the same error, and its message ends with the step.', () => {
    const headers = { 'x-error-code': 'GatedRepo', 'x-request-id': 'r1', 'retry-after': '9' }
    const error = answer({ status: 403, headers })
    const withStep = error.withNextStep('give the token read access')
    expect(withStep.message).toBe(`${error.message}; give the token read access`)
    for (const field of ['status', 'code', 'requestId', 'body', 'retryAfterMs'] as const) {
      expect(withStep[field]).toBe(error[field])
    }
    expect(withStep.withNextStep('another').message).toBe(`${error.message}; another`)
  })
})

describe('A NoAnswerError', () => {
  const none = (cause: unknown) => new NoAnswerError({ method: 'POST', url: 'https://hub.test/x', cause })
  const coded = (code: string) => Object.assign(new Error('connect 10.0.0.1'), { code })

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])(
    'It says that the request was never sent after %s.',
    (code) => {
      expect(none(coded(code))).toMatchObject({
        neverSent: true,
        message: `POST https://hub.test/x got no answer: ${code}`,
      })
    },
  )

  test.each([
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  ])('An unknown CA (%s) is named with the variable that adds it.', (code) => {
    expect(none(coded(code)).message).toBe(
      `POST https://hub.test/x got no answer: ${code}, the CA of its certificate is unknown: ` +
        "set NODE_EXTRA_CA_CERTS to a PEM file with that CA's certificate",
    )
  })

  test.each(['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'A certificate that no CA can repair (%s) is not blamed on the CA.',
    (code) => {
      expect(none(coded(code)).message).toBe(`POST https://hub.test/x got no answer: ${code}`)
    },
  )

  test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_SOCKET'])(
    'It says that the request may have been carried out after %s.',
    (code) => {
      expect(none(coded(code)).neverSent).toBe(false)
    },
  )

  test('It finds the error code inside the TypeError of the platform.', () => {
    const cause = new TypeError('fetch failed', { cause: coded('ECONNREFUSED') })
    expect(none(cause)).toMatchObject({
      neverSent: true,
      message: expect.stringMatching(/ECONNREFUSED$/),
      cause,
    })
  })

  test('Its message says that a request timed out.', () => {
    expect(none(new DOMException('', 'TimeoutError')).message).toMatch(/got no answer: timed out$/)
  })

  test.each([
    ['SyntaxError', new SyntaxError('x')],
    ['unknown cause', 'a text'],
    ['unknown cause', null],
    ['unknown cause', undefined],
  ])('Its message says "%s" about %p, without text from other libraries.', (word, cause) => {
    expect(none(cause)).toMatchObject({
      neverSent: false,
      message: `POST https://hub.test/x got no answer: ${word}`,
    })
  })
})
