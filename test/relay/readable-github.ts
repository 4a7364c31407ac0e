import { Hono } from 'hono'
import { type SandboxServer, startServer } from '../sandbox/server.ts'
import { repository, token } from './local-relay.ts'

/** GitHub as the relay's checks see it: one repository that one token may read and dispatch to. */
export function startReadableGitHub(): Promise<SandboxServer> {
  const app = new Hono()
  app.get('/repos/:owner/:repo', (c) => {
    if (c.req.header('authorization') !== `Bearer ${token}`)
      return c.json({ message: 'Bad credentials' }, 401)
    const isOurs = `${c.req.param('owner')}/${c.req.param('repo')}` === repository
    return isOurs ? c.json({ full_name: repository }) : c.json({ message: 'Not Found' }, 404)
  })
  app.post('/repos/:owner/:repo/dispatches', (c) => c.body(null, 204))
  return startServer({ app })
}
