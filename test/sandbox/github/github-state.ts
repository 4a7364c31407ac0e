import type { Repository } from './github-repositories.ts'

/** The state that all routes share. */
export interface GitHubState {
  repositories: Repository[]
  /** The time in milliseconds since the epoch. */
  now: () => number
  /** The base URL of the sandbox, known once it listens. */
  serverUrl: () => string
}

/**
 * Reads a body as JSON, ignoring `Content-Type` as GitHub does.
 *
 * @returns the value; null for an empty body; undefined when it is not JSON
 */
export async function readBody(request: Request): Promise<unknown> {
  const text = await request.text()
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return undefined
  }
}
