import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Hub } from '../hub.ts'
import type { RouteEnv } from '../routes/request.ts'
import { readBody } from '../routes/request.ts'
import { cardErrors } from './card-errors.ts'

const body = z.object({ content: z.string(), repoType: z.enum(['model', 'dataset', 'space']) })

const told = (messages: readonly string[]) => messages.map((message) => ({ message }))

/** The check of a card, which the Python client asks for before it uploads a README.md. It needs no token. */
export function cardRoutes(_hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  app.post('/api/validate-yaml', async (c) => {
    const { content, repoType } = await readBody(c, body)
    const { errors, warnings } = cardErrors(content, repoType)
    return c.json({ errors: told(errors), warnings: told(warnings) }, errors.length === 0 ? 200 : 400)
  })
  return app
}
