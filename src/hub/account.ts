import * as z from 'zod/mini'
import type { Hub } from './hub.ts'

/** An organisation's token names itself; a user's names the organisations beside. */
const accountSchema = z.object({
  name: z.string(),
  orgs: z.optional(z.array(z.object({ name: z.string() }))),
})

/**
 * The namespaces that the token's user owns: the user's own name and those of the organisations. Ask at most
 * once a run: the Hub limits this call more than others. Not through `@huggingface/hub`, whose `whoAmI` fails
 * on an answer without `auth`, which is not needed here.
 * https://huggingface.co/docs/hub/api
 */
export async function ownNamespaces(hub: Hub, signal?: AbortSignal): Promise<string[]> {
  const account = await hub.api.call({ method: 'GET', path: '/api/whoami-v2', answer: accountSchema, signal })
  return [account.name, ...(account.orgs ?? []).map(({ name }) => name)]
}
