import type { Repository } from './github-repositories.ts'
import type { Replicas } from './replicas.ts'

/** The state that all routes share. */
export interface GitHubState {
  repositories: Repository[]
  /** What GitHub's clock shows, in milliseconds since the epoch. */
  now: () => number
  replicas: Replicas
  /** Whether GraphQL shows a ref of that full name. */
  showsInGraphql: (ref: string) => boolean
  /** Where the sandbox listens; known once it does. */
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
