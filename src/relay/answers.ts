/** What goes back to the caller, before a platform makes a response of it. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Sent with every answer. No answer is a page but the one of `GET /`, which says its own policy.
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

/** Every error that leaves the relay: its status and its one sentence, whatever went wrong inside. */
const errors = {
  notFound: [404, 'There is nothing here: webhooks go to POST /webhook.'],
  methodNotAllowed: [405, 'This path does not know that method.'],
  secretMissing: [401, 'X-Webhook-Secret is missing: set the secret in the settings of the webhook.'],
  secretWrong: [403, 'X-Webhook-Secret is not the secret of this relay.'],
  busy: [503, 'Too many deliveries at once: try again.'],
  tooLarge: [413, 'The body is larger than 1 MiB.'],
  incomplete: [400, 'The body did not arrive to its end.'],
  notJson: [400, 'The body is not JSON.'],
  notAnEvent: [422, 'The body is not a webhook payload of the Hub.'],
  refused: [502, "GitHub refused the event: the relay's log says why."],
  unavailable: [503, 'GitHub cannot be reached at the moment: try again.'],
  adminOnly: [401, 'The list of deliveries needs RELAY_ADMIN_TOKEN.'],
  failed: [500, 'The relay failed: its log says why.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>

/** The name of an error that the relay answers with. */
export type ErrorName = keyof typeof errors

/**
 * Answers with one of the fixed errors.
 *
 * @param name which one
 * @param details facts of ours beside the sentence: never text from inside an error
 * @param headers beside those that every answer has
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

/** Answers with a JSON value of ours. */
export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, headers: securityHeaders, body: JSON.stringify(value) }
}

/**
 * Answers with a page. It may use one style sheet, its own, and may be framed by the Hub, which shows a Space
 * inside its own page. https://huggingface.co/docs/hub/spaces-embed
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

/** Makes a response of an answer, where the platform knows the web's classes. */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers })
}
