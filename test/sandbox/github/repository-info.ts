import { Hono } from 'hono'
import { authorize } from './auth.ts'
import { repositoryPayload } from './github-repositories.ts'
import type { GitHubState } from './github-state.ts'

/**
 * Creates `GET /repos/{owner}/{repo}`, allowed for every token that can see the repository.
 * https://docs.github.com/en/rest/repos/repos#get-a-repository
 */
export function repositoryInfoRoutes(state: GitHubState): Hono {
  return new Hono().get('/repos/:owner/:repo', (c) => {
    const name = `${c.req.param('owner')}/${c.req.param('repo')}`
    const need = { name, permission: 'metadata', access: 'read' } as const
    const found = authorize(state.repositories, c.req.raw, need, '/repos/repos#get-a-repository')
    return 'refused' in found ? found.refused : c.json(repositoryPayload(found.repository, state.serverUrl()))
  })
}
