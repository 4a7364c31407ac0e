import { maxBodySize } from './incoming.ts'
/** An answer to the caller, before the platform turns it into a response. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Sent with every answer. The page of `GET /` replaces the content security policy with its own.
 * https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
 */
const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'content-type': 'application/json; charset=utf-8',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
}

const whereTo = 'Webhooks go to POST /webhook.'

/** Every error that a caller can see. Nothing about the inside of the relay is in it. */
const errors = {
  notFound: [404, whereTo],
  methodNotAllowed: [405, whereTo],
  secretMissing: [401, 'X-Webhook-Secret is missing: set a secret in the settings of the webhook.'],
  secretWrong: [403, 'X-Webhook-Secret is wrong: give the webhook and the relay the same secret.'],
  busy: [503, 'Too many deliveries at once: try again.'],
  tooLarge: [413, `The request body is larger than ${maxBodySize}.`],
  incomplete: [400, 'The request body was incomplete.'],
  compressed: [415, 'Compressed request bodies are not accepted: send plain JSON, without Content-Encoding.'],
  notJson: [400, 'The request body is not JSON.'],
  notAnEvent: [422, 'The request body is not a webhook payload of the Hub.'],
  refused: [502, "GitHub refused the event: the relay's log says why."],
  unavailable: [503, 'GitHub is not available at the moment: try again.'],
  adminOnly: [401, 'The list of deliveries requires RELAY_ADMIN_TOKEN.'],
  failed: [500, "The relay failed: the relay's log says why."],
} as const satisfies Record<string, readonly [status: number, sentence: string]>

/** The name of one of the fixed errors. */
export type ErrorName = keyof typeof errors

/**
 * Answers with one of the fixed errors.
 *
 * @param details further fields of the body; never the message of an exception
 * @param headers in addition to those of every answer
 */
export function errorAnswer(
  name: ErrorName,
  details?: Record<string, unknown>,
  headers?: Record<string, string>,
): Answer {
  const [status, error] = errors[name]
  return {
    status,
    headers: headers === undefined ? securityHeaders : { ...securityHeaders, ...headers },
    body: JSON.stringify({ error, ...details }),
  }
}

/** Answers with a JSON value. */
export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, headers: securityHeaders, body: JSON.stringify(value) }
}

/** Answers with a text of a content type. */
export function textAnswer(text: string, contentType: string): Answer {
  return { status: 200, headers: { ...securityHeaders, 'content-type': contentType }, body: text }
}

/**
 * Answers with an HTML page. Its policy allows one inline style sheet, and lets the Hub show the page in a frame, as
 * it does for Spaces. https://huggingface.co/docs/hub/spaces-embed
 *
 * @param html the whole document
 * @param styleHash base64 of the SHA-256 of the text between `<style>` and `</style>`
 */
export function pageAnswer(html: string, styleHash: string): Answer {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self' https://huggingface.co",
  ]
  const headers = {
    ...securityHeaders,
    'content-security-policy': policy.join('; '),
    'content-type': 'text/html; charset=utf-8',
  }
  return { status: 200, headers, body: html }
}

/** Turns an answer into a web `Response`. */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers })
}
