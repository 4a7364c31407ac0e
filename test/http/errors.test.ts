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
    now,
    ...change,
    headers: new Headers(change.headers),
  })

describe('An answer that is not the one asked for', () => {
  test('Its message says what was asked, and what the status was.', () => {
    expect(answer().message).toBe('GET https://hub.test/api/datasets/acme/digits answered 404')
  })

  test('A 2xx of another form than it should have says so.', () => {
    expect(answer({ status: 200 }).message).toMatch(/answered 200 with something else than it should$/)
  })

  test.each(['x-github-request-id', 'x-request-id', 'x-amzn-trace-id', 'x-amz-cf-id'])(
    'The request id of the header %s is in the message, for the support of the server.',
    (name) => {
      const error = answer({ headers: { [name]: 'Root=1-6560-ab' } })
      expect(error.requestId).toBe('Root=1-6560-ab')
      expect(error.message).toMatch(/answered 404 \(request id Root=1-6560-ab\)$/)
    },
  )

  test('The id of the server itself comes before that of its load balancer.', () => {
    expect(answer({ headers: { 'x-amz-cf-id': 'balancer', 'x-request-id': 'server' } }).requestId).toBe(
      'server',
    )
  })

  test.each(['a b', '<b>', '%0A', 'x'.repeat(129), ''])(
    'A request id of another form, %j, is left out.',
    (id) => {
      expect(answer({ headers: { 'x-request-id': id } })).toMatchObject({
        requestId: null,
        message: 'GET https://hub.test/api/datasets/acme/digits answered 404',
      })
    },
  )

  test("The Hub's error code is read, and one of another form is not.", () => {
    expect(answer({ headers: { 'x-error-code': 'RepoNotFound' } }).code).toBe('RepoNotFound')
    expect(answer({ headers: { 'x-error-code': 'Repo <b>' } }).code).toBeNull()
    expect(answer().code).toBeNull()
  })

  test('At most 2000 characters of the body are kept, and none of it is in the message.', () => {
    const error = answer({ body: 'hostile '.repeat(10_000) })
    expect(error.body).toHaveLength(2000)
    expect(error.message).not.toContain('hostile')
  })

  test('It knows how long the server asks to wait.', () => {
    expect(answer({ status: 429, headers: { 'retry-after': '30' } }).retryAfterMs).toBe(30_000)
    expect(answer().retryAfterMs).toBeNull()
  })

  test('With a next step it is the same error, and says at its end what to do.', () => {
    const headers = { 'x-error-code': 'GatedRepo', 'x-request-id': 'r1', 'retry-after': '9' }
    const error = answer({ status: 403, headers })
    const withStep = error.withNextStep('give the token read access')
    expect(withStep.message).toBe(`${error.message}: give the token read access`)
    for (const field of ['status', 'code', 'requestId', 'body', 'retryAfterMs'] as const) {
      expect(withStep[field]).toBe(error[field])
    }
    expect(withStep.withNextStep('another').message).toBe(`${error.message}: another`)
  })
})

describe('No answer', () => {
  const none = (cause: unknown) => new NoAnswerError({ method: 'POST', url: 'https://hub.test/x', cause })
  const coded = (code: string) => Object.assign(new Error('connect 10.0.0.1'), { code })

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])(
    '%s means that nothing was ever sent.',
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
    '%s may have come after the request was carried out.',
    (code) => {
      expect(none(coded(code)).neverSent).toBe(false)
    },
  )

  test('The code is found below the TypeError in which the platform wraps it.', () => {
    const cause = new TypeError('fetch failed', { cause: coded('ECONNREFUSED') })
    expect(none(cause)).toMatchObject({
      neverSent: true,
      message: expect.stringMatching(/ECONNREFUSED$/),
      cause,
    })
  })

  test('A time limit is called one.', () => {
    expect(none(new DOMException('', 'TimeoutError')).message).toMatch(/got no answer: it took too long$/)
  })

  test.each([
    ['SyntaxError', new SyntaxError('x')],
    ['unknown cause', 'a text'],
    ['unknown cause', null],
    ['unknown cause', undefined],
  ])('Without a code it says "%s" of %p, and no text of others.', (said, cause) => {
    expect(none(cause)).toMatchObject({
      neverSent: false,
      message: `POST https://hub.test/x got no answer: ${said}`,
    })
  })
})
