import type { Answer } from './loopback.ts'

const documentation = 'https://docs.github.com/rest'

/** An error in GitHub's form: `message`, `documentation_url` and the status as text. */
export function refusal(status: number, message: string, path = ''): Answer {
  return { status, json: { message, documentation_url: documentation + path, status: String(status) } }
}

/** 404, also for what the token may not know of. */
export function notFound(path = ''): Answer {
  return refusal(404, 'Not Found', path)
}

/**
 * A request without `User-Agent` is turned away before anything else, in plain text.
 * https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
 */
export function userAgentMissing(): Answer {
  return {
    status: 403,
    text:
      '\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header ' +
      '(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). ' +
      'Check https://developer.github.com for other possible causes.\r\n',
  }
}

/** 400 for a body that is not JSON. */
export function notJson(path = ''): Answer {
  return refusal(400, 'Problems parsing JSON', path)
}

/** 422 with the sentence of the schema that the body breaks. */
export function invalidRequest(sentence: string, path = ''): Answer {
  return refusal(422, `Invalid request.\n\n${sentence}`, path)
}
