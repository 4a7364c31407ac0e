import { createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { Hono } from 'hono'
import { type SandboxServer, startServer } from '../sandbox/server.ts'

/** A fake GitHub with one App, installed on some repositories. */
export interface GitHubWithApp extends SandboxServer {
  readonly appId: string
  /** The key as GitHub's .pem file has it: PKCS#1. */
  readonly privateKey: string
  /** The key as Workers need it: PKCS#8. */
  readonly pkcs8: string
  /** Every installation token created so far, with its repositories and permissions. */
  readonly minted: { token: string; repositories: string[]; permissions: Record<string, string> }[]
  /** Revoked tokens. */
  readonly revoked: Set<string>
}

interface Claims {
  iss: string
  iat: number
  exp: number
}

const error = (message: string) => ({ message, documentation_url: 'https://docs.github.com/rest' })

/**
 * Starts the fake GitHub. https://docs.github.com/en/rest/apps/apps
 *
 * @param installed repositories, `owner/name`, that the App is installed on with Contents: write
 * @param options.appId what its tokens must name as their issuer
 */
export async function startGitHubWithApp(
  installed: string[],
  { appId = '4711' }: { appId?: string } = {},
): Promise<GitHubWithApp> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const minted: GitHubWithApp['minted'] = []
  const revoked = new Set<string>()
  const app = new Hono()

  app.use(async (c, next) => {
    if (!c.req.header('user-agent')) return c.text('Request forbidden by administrative rules.', 403)
    return next()
  })
  app.get('/repos/:owner/:repo/installation', (c) => {
    if (!isSignedBy(publicKey, appId, c.req.header('authorization')))
      return c.json(error('Bad credentials'), 401)
    const name = `${c.req.param('owner')}/${c.req.param('repo')}`
    return installed.includes(name) ? c.json({ id: 99, app_id: 4711 }) : c.json(error('Not Found'), 404)
  })
  app.post('/app/installations/99/access_tokens', async (c) => {
    if (!isSignedBy(publicKey, appId, c.req.header('authorization')))
      return c.json(error('Bad credentials'), 401)
    const { repositories = [], permissions = {} } = await c.req.json()
    if (!repositories.every((name: string) => installed.some((full) => full.endsWith(`/${name}`)))) {
      return c.json(error('There is at least one repository that does not exist or is not accessible.'), 422)
    }
    const token = `ghs_${'x'.repeat(500)}${minted.length}`
    minted.push({ token, repositories, permissions })
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    return c.json({ token, expires_at, permissions, repository_selection: 'selected' }, 201)
  })
  const reach = (authorization: string | undefined, repo: string) => {
    const token = minted.find((entry) => `Bearer ${entry.token}` === authorization)
    if (token === undefined || revoked.has(token.token)) return 401
    return token.repositories.includes(repo) ? 200 : 404
  }
  app.get('/repos/:owner/:repo', (c) => {
    const status = reach(c.req.header('authorization'), c.req.param('repo'))
    return status === 200 ? c.json({ private: true }) : c.json(error('Not Found'), status)
  })
  app.post('/repos/:owner/:repo/dispatches', (c) => {
    const status = reach(c.req.header('authorization'), c.req.param('repo'))
    return status === 200 ? c.body(null, 204) : c.json(error('Bad credentials'), status)
  })

  const server = await startServer({ app })
  return Object.assign(server, {
    appId,
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    pkcs8: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    minted,
    revoked,
  })
}

/** Checks a JWT: its signature, the App, issued in the past, valid for ten minutes at most. */
function isSignedBy(key: KeyObject, appId: string, authorization = ''): boolean {
  const [, head = '', body = '', signature = ''] =
    /^bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization) ?? []
  if (!createVerify('RSA-SHA256').update(`${head}.${body}`).verify(key, signature, 'base64url')) return false
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
  const now = Date.now() / 1000
  return claims.iss === appId && claims.iat <= now && claims.exp > now && claims.exp - claims.iat <= 600
}
