const documentation = 'https://docs.github.com/rest'

/** A JSON answer as GitHub sends it. */
export function json(status: number, body: unknown): Response {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return new Response(JSON.stringify(body), { status, headers })
}

/** An error in GitHub's form: `message`, `documentation_url` and the status as text. */
export function refusal(status: number, message: string, path = ''): Response {
  return json(status, { message, documentation_url: documentation + path, status: String(status) })
}

/** 404, also for what the token may not know of. */
export function notFound(path = ''): Response {
  return refusal(404, 'Not Found', path)
}

/**
 * A request without `User-Agent` is turned away before anything else, in plain text.
 * https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
 */
export function userAgentMissing(): Response {
  const text =
    '\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header ' +
    '(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). ' +
    'Check https://developer.github.com for other possible causes.\r\n'
  return new Response(text, { status: 403, headers: { 'content-type': 'text/html' } })
}

/** 400 for a body that is not JSON. */
export function notJson(path = ''): Response {
  return refusal(400, 'Problems parsing JSON', path)
}

/** 422 with the sentence of the schema that the body breaks. */
export function invalidRequest(sentence: string, path = ''): Response {
  return refusal(422, `Invalid request.\n\n${sentence}`, path)
}
