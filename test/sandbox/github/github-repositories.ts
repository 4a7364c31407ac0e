import { createHash } from 'node:crypto'

/** The permissions of a token in one repository, by name (`contents`, `actions`, `metadata` ...). */
export type Permissions = Record<string, 'read' | 'write' | 'none'>

/** The description of a repository in a test. */
export interface RepositoryOptions {
  /** `owner/name` */
  name: string
  private?: boolean
  /** The permissions of each token. */
  tokens?: Record<string, Permissions>
  /** Default `main`. */
  defaultBranch?: string
  /** The commit at the head of the default branch. Default: a sha derived from the name. */
  headSha?: string
  /** A number that stays when the repository is renamed; default one made from the name. */
  id?: number
}

/** A repository of the sandbox. */
export interface Repository {
  name: string
  private: boolean
  tokens: Map<string, Permissions>
  defaultBranch: string
  headSha: string
  id: number
  /** Milliseconds since the epoch. */
  now: () => number
}

/** Makes the repositories that a test described. */
export function createRepositories(all: RepositoryOptions[], now: () => number): Repository[] {
  return all.map((options) => {
    const digest = createHash('sha1').update(options.name).digest()
    return {
      name: options.name,
      private: options.private ?? false,
      tokens: new Map(Object.entries(options.tokens ?? {})),
      defaultBranch: options.defaultBranch ?? 'main',
      headSha: options.headSha ?? digest.toString('hex'),
      id: options.id ?? digest.readUInt32BE(0),
      now,
    }
  })
}

/** Finds a repository by its name. GitHub ignores case. */
export function findRepository(all: Repository[], name: string): Repository | undefined {
  return all.find((repository) => repository.name.toLowerCase() === name.toLowerCase())
}

/**
 * Returns the `repository` object of a webhook event, with the fields that workflows read.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads#repository_dispatch
 *
 * @param serverUrl the base URL of GitHub's web pages
 */
export function repositoryPayload(repository: Repository, serverUrl: string): Record<string, unknown> {
  const [owner = '', name = ''] = repository.name.split('/')
  return {
    id: repository.id,
    name,
    full_name: repository.name,
    private: repository.private,
    visibility: repository.private ? 'private' : 'public',
    owner: { login: owner, id: repository.id, type: 'User' },
    html_url: `${serverUrl}/${repository.name}`,
    default_branch: repository.defaultBranch,
    fork: false,
  }
}
