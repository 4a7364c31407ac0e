import * as z from 'zod/mini'
import type { Hub } from './hub.ts'

/** A user's token lists the user's organisations; an organisation's token has its own name only. */
const accountSchema = z.object({
  name: z.string(),
  orgs: z.optional(z.array(z.object({ name: z.string() }))),
})

/**
 * The namespaces of the token's account: its own name and the names of its organisations. Call it at most once per run:
 * the Hub limits this endpoint more than others. It does not use `whoAmI` of `@huggingface/hub`, which fails without
 * `auth` in the answer, although that is not needed here.
 * https://huggingface.co/docs/hub/api
 */
export async function ownNamespaces(hub: Hub, signal?: AbortSignal): Promise<string[]> {
  const account = await hub.api.call({ method: 'GET', path: '/api/whoami-v2', answer: accountSchema, signal })
  return [account.name, ...(account.orgs ?? []).map(({ name }) => name)]
}
