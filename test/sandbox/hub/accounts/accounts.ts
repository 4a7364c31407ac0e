import { authenticationRequired, badCredentials } from '../errors.ts'

/** A user or an organisation: whatever can own a repository. */
export interface Account {
  id: string
  type: 'user' | 'org'
  name: string
  fullname: string
}

/** https://huggingface.co/docs/hub/organizations-security#access-control-in-organizations */
type OrgRole = 'admin' | 'write' | 'contributor' | 'read' | 'no_access'

/** What a fine-grained token may do (https://huggingface.co/docs/hub/security-tokens). */
interface FineGrained {
  /** `discussion.write`, `post.write`. */
  global?: readonly string[]
  scoped?: readonly {
    entity: { type: 'user' | 'org' | 'dataset' | 'model' | 'bucket'; name: string }
    /** `repo.content.read`, `repo.write`, `discussion.write`, `user.webhooks.read`, ... */
    permissions: readonly string[]
  }[]
}

/** One access token. */
export interface Token {
  value: string
  user: Account
  role: 'read' | 'write' | 'fineGrained'
  displayName: string
  createdAt: Date
  fineGrained: FineGrained
  /** Of a token that was exchanged for an id token: from then on it is unknown. */
  expiresAt?: Date
}

/** A user to add. */
interface NewUser {
  name: string
  token: string
  fullname?: string
  /** A bare name means the role `write`. Organisations come into being when first named. */
  orgs?: readonly (string | { name: string; role: OrgRole })[]
  /** @default 'write' */
  role?: Token['role']
  permissions?: FineGrained
  tokenName?: string
}

/** Everybody the Hub knows. */
export interface Accounts {
  addUser(user: NewUser): Account
  /** An organisation without members. */
  addOrg(name: string): Account
  addToken(token: Pick<NewUser, 'token' | 'role' | 'permissions' | 'tokenName'> & { user: string }): Token
  /** A token for one repository, or for reading, that ends by itself. */
  addExchanged(token: { token: string; user: Account; permissions: FineGrained; expiresAt: Date }): void
  find(name: string): Account | undefined
  /** Somebody who may write what the account owns: a user itself, or a member of an organisation. */
  writerFor(account: Account): Account
  orgsOf(user: Account): readonly { org: Account; role: OrgRole }[]
  /** The token of an `Authorization` header; undefined for anonymous; throws the 401 of a bad one. */
  authenticate(header: string | null | undefined): Token | undefined
}

/**
 * @param options where ids and times come from
 * @returns an empty list of accounts
 */
export function createAccounts(options: { newId: () => string; now: () => Date }): Accounts {
  const accounts = new Map<string, Account>()
  const tokens = new Map<string, Token>()
  const memberships = new Map<string, { org: Account; role: OrgRole }[]>()

  const add = (type: Account['type'], name: string, fullname = name): Account => {
    const account = { id: options.newId(), type, name, fullname }
    accounts.set(name.toLowerCase(), account)
    return account
  }
  const find = (name: string) => accounts.get(name.toLowerCase())

  const addToken: Accounts['addToken'] = ({
    token,
    user,
    role = 'write',
    permissions = {},
    tokenName = 'test',
  }) => {
    const owner = find(user)
    if (owner?.type !== 'user') throw new Error(`No such user: ${user}`)
    if (!token.startsWith('hf_')) throw new Error('A token of the Hub starts with hf_.')
    const createdAt = options.now()
    const added: Token = {
      value: token,
      user: owner,
      role,
      displayName: tokenName,
      createdAt,
      fineGrained: permissions,
    }
    tokens.set(token, added)
    return added
  }

  return {
    find,
    addToken,
    addExchanged({ token, user, permissions, expiresAt }) {
      const known = { value: token, user, role: 'fineGrained', displayName: 'oidc' } as const
      tokens.set(token, { ...known, createdAt: options.now(), fineGrained: permissions, expiresAt })
    },
    addOrg: (name) => add('org', name),
    addUser({ name, fullname, orgs = [], ...token }) {
      if (find(name) !== undefined) throw new Error(`The name ${name} is taken.`)
      const user = add('user', name, fullname)
      const joined = orgs.map((entry) =>
        typeof entry === 'string' ? { name: entry, role: 'write' as const } : entry,
      )
      memberships.set(
        user.id,
        joined.map((entry) => ({ org: find(entry.name) ?? add('org', entry.name), role: entry.role })),
      )
      addToken({ ...token, user: name })
      return user
    },
    writerFor(account) {
      const isWriter = ({ org, role }: { org: Account; role: OrgRole }) =>
        org.id === account.id && (role === 'admin' || role === 'write')
      const writers = [...accounts.values()].filter(
        ({ id, type }) => type === 'user' && (id === account.id || memberships.get(id)?.some(isWriter)),
      )
      const [first] = writers
      if (first === undefined) throw new Error(`Nobody can write to ${account.name}.`)
      return first
    },
    orgsOf: (user) => memberships.get(user.id) ?? [],
    authenticate(header) {
      if (header === null || header === undefined) return undefined
      const value = /^Bearer (\S+)$/i.exec(header)?.[1]
      const token = value === undefined ? undefined : tokens.get(value)
      const isOver = token?.expiresAt !== undefined && token.expiresAt <= options.now()
      if (token === undefined || isOver) throw badCredentials()
      return token
    },
  }
}

/**
 * @param token the caller's token, if any
 * @returns the same token; throws the 401 of an anonymous caller
 */
export function requireToken(token: Token | undefined): Token {
  if (token === undefined) throw authenticationRequired()
  return token
}
