const documentation = 'https://docs.github.com/rest'

/** Returns a JSON answer. */
export function json(status: number, body: unknown): Response {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return new Response(JSON.stringify(body), { status, headers })
}

/**
 * Returns an error as GitHub sends it.
 *
 * @param path of the documentation page
 */
export function refusal(status: number, message: string, path = ''): Response {
  return json(status, { message, documentation_url: documentation + path, status: String(status) })
}

/** Returns 404, also for a repository that the token cannot see. */
export function notFound(path = ''): Response {
  return refusal(404, 'Not Found', path)
}

/**
 * Returns the answer to a request without `User-Agent`, which GitHub refuses first of all, in plain text.
 * https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
 */
export function userAgentMissing(): Response {
  const text =
    '\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header ' +
    '(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). ' +
    'Check https://developer.github.com for other possible causes.\r\n'
  return new Response(text, { status: 403, headers: { 'content-type': 'text/html' } })
}

/** Returns 400 for a body that is not JSON. */
export function notJson(path = ''): Response {
  return refusal(400, 'Problems parsing JSON', path)
}

/** Returns 422 with the schema error of the body. */
export function invalidRequest(sentence: string, path = ''): Response {
  return refusal(422, `Invalid request.\n\n${sentence}`, path)
}
