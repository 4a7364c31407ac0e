import { Hono } from 'hono'
import type { Token } from '../accounts/accounts.ts'
import { requireToken } from '../accounts/accounts.ts'
import type { Hub } from '../hub.ts'
import type { RouteEnv } from './request.ts'

function accessToken(hub: Hub, token: Token) {
  const { displayName, role, createdAt, fineGrained } = token
  return {
    displayName,
    role,
    createdAt: createdAt.toISOString(),
    ...(role === 'fineGrained' && {
      fineGrained: {
        global: fineGrained.global ?? [],
        scoped: (fineGrained.scoped ?? []).map(({ entity, permissions }) => ({
          entity: {
            _id: hub.accounts.find(entity.name)?.id ?? hub.newId(),
            type: entity.type,
            name: entity.name,
          },
          permissions,
        })),
      },
    }),
  }
}

/**
 * `GET /api/whoami-v2`: https://huggingface.co/docs/hub/api#get-apiwhoami-v2; and the list of programs by which the
 * Python client tells what it runs in, which is empty here (`utils/_detect_agent.py` of huggingface_hub 2.4).
 */
export function whoamiRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.get('/api/agent-harnesses', (c) => c.json({ standardEnvVars: [], harnesses: {} }))
  app.get('/api/whoami-v2', (c) => {
    const token = requireToken(c.get('token'))
    const { user } = token
    const avatarUrl = `${hub.address.url}/avatars/${user.id}.svg`
    return c.json({
      type: 'user',
      id: user.id,
      name: user.name,
      fullname: user.fullname,
      isPro: false,
      avatarUrl,
      canPay: true,
      billingMode: 'prepaid',
      periodEnd: null,
      orgs: hub.accounts.orgsOf(user).map(({ org, role }) => ({
        type: 'org',
        id: org.id,
        name: org.name,
        fullname: org.fullname,
        avatarUrl: `${hub.address.url}/avatars/${org.id}.svg`,
        roleInOrg: role,
        canPay: false,
        periodEnd: null,
      })),
      auth: { type: 'access_token', accessToken: accessToken(hub, token) },
    })
  })
  return app
}
