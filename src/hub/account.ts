import * as z from 'zod/mini'
import type { Hub } from './hub.ts'

const names = z.array(z.string())
const scopeSchema = z.object({
  entity: z.object({ type: z.optional(z.string()), name: z.optional(z.string()) }),
  permissions: names,
})

/** A user's token lists the user's organisations; an organisation's token has its own name only. */
const accountSchema = z.object({
  name: z.string(),
  type: z.optional(z.string()),
  orgs: z.optional(
    z.array(
      z.object({
        name: z.string(),
        roleInOrg: z.optional(z.nullable(z.string())),
        securityRestrictions: z.optional(z.nullable(names)),
        resourceGroups: z.optional(z.nullable(z.array(z.object({ role: z.optional(z.string()) })))),
      }),
    ),
  ),
  auth: z.optional(
    z.object({
      accessToken: z.optional(
        z.object({
          role: z.optional(z.string()),
          fineGrained: z.optional(
            z.nullable(z.object({ scoped: z.optional(z.array(scopeSchema)), global: z.optional(names) })),
          ),
        }),
      ),
    }),
  ),
})

/** What a token may do with one account, organisation or repository. */
export interface Scope {
  /** `user`, `org`, `model`, `dataset`, ...; empty where the Hub does not say. */
  readonly type: string
  /** Of the account, or `namespace/name` of the repository. */
  readonly name: string
  /** The Hub's names, such as `repo.write` or `job.write`. */
  readonly permissions: readonly string[]
}

/** The account that a token belongs to, and what the token may do. */
export interface Account {
  readonly name: string
  /** Whether `organisations` are all of them: other accounts than users, and tokens for OAuth, show some or none. */
  readonly showsAll: boolean
  readonly organisations: readonly {
    readonly name: string
    /** `admin`, `write`, `contributor`, `read`, `no_access`; null where the Hub does not say. */
    readonly role: string | null
    /** Why no token acts there now, such as `sso`. */
    readonly restrictions: readonly string[]
    /** Its roles in resource groups of the organisation, which may allow more than the role there. */
    readonly groupRoles: readonly string[]
  }[]
  /** `read`, `write`, `fineGrained`, ...; null where the Hub does not say, as of a token for OAuth. */
  readonly tokenRole: string | null
  /** Of a fine-grained token. */
  readonly scopes: readonly Scope[]
  /** What a fine-grained token may do everywhere, such as `discussion.write`. */
  readonly everywhere: readonly string[]
}

/**
 * Reads the account of the token and the token's rights, once: the Hub limits this endpoint more than others. It does
 * not use `whoAmI` of `@huggingface/hub`, which fails without `auth` in the answer.
 * https://huggingface.co/docs/hub/api
 *
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export function readAccount(hub: Hub, signal?: AbortSignal): Promise<Account> {
  return hub.once('account', async () => {
    const {
      name,
      type = 'user',
      orgs,
      auth,
    } = await hub.api.call({
      method: 'GET',
      path: '/api/whoami-v2',
      answer: accountSchema,
      signal,
    })
    const token = auth?.accessToken
    return {
      name,
      showsAll: type === 'user' && orgs !== undefined && token?.role !== undefined,
      organisations: (orgs ?? []).map((org) => ({
        name: org.name,
        role: org.roleInOrg ?? null,
        restrictions: org.securityRestrictions ?? [],
        groupRoles: (org.resourceGroups ?? []).map(({ role }) => role ?? ''),
      })),
      tokenRole: token?.role ?? null,
      scopes: (token?.fineGrained?.scoped ?? []).map(({ entity, permissions }) => ({
        type: entity.type ?? '',
        name: entity.name ?? '',
        permissions,
      })),
      everywhere: token?.fineGrained?.global ?? [],
    }
  })
}

/** The namespaces of an account: its own name and the names of its organisations. */
export function namespacesOf({ name, organisations }: Account): string[] {
  return [name, ...organisations.map((organisation) => organisation.name)]
}
