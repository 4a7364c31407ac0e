import type { Account } from '../accounts/accounts.ts'
import { badRequest, HubRefusal, revisionNotFound } from '../errors.ts'
import { commitOid } from './git-objects.ts'
import type { Directory } from './trees.ts'

/** The kinds of repository this Hub has. */
export type RepoType = 'dataset' | 'model'

/** Where the Hub keeps contents: nothing is copied from one to the other. */
export type Region = 'us' | 'eu'

/** One commit. */
export interface Commit {
  sha: string
  parents: readonly string[]
  title: string
  description: string
  author: Account
  date: Date
  tree: Directory
}

/** One ref that moved: null for not there. */
export interface RefUpdate {
  ref: string
  oldSha: string | null
  newSha: string | null
}

/** One repository with everything git keeps of it. */
export interface Repository {
  id: string
  type: RepoType
  name: string
  private: boolean
  /** Who may read the files of a gated repository, by name; null where it is not gated. */
  admitted: Set<string> | null
  discussionsDisabled: boolean
  owner: Account
  createdAt: Date
  /** Full ref name to commit: `refs/heads/main`. */
  refs: Map<string, string>
  commits: Map<string, Commit>
  /** From when on a commit is no longer served, in milliseconds since the epoch: it fell out of the history. */
  goneFrom: Map<string, number>
  now: () => Date
  /** Contents of files kept in git, by git's id. */
  blobs: Map<string, Uint8Array>
  /** Contents in LFS, by sha256. Every repository has its own. */
  lfs: Map<string, Uint8Array>
  /** Those of the LFS contents that Xet does not have: an old client brought them. */
  withoutXet: Set<string>
  /** Those of the LFS contents that the Hub does not copy to other repositories, whatever the reason. */
  uncopyable: Set<string>
  region: Region
  /** The value of the token that made it, by which a contributor's token is let in; null where a builder did. */
  madeBy: string | null
}

/** A repository to make. */
export interface NewRepository {
  type: RepoType
  name: string
  owner: Account
  private: boolean
  /** @default 'us' */
  region?: Region
  /** @default null */
  madeBy?: string | null
}

/** All repositories, by kind and name. */
export interface Repositories {
  create(options: NewRepository): Repository
  /** The repository, or the new name of one that was moved away from this name. */
  find(type: RepoType, name: string): Repository | undefined
  /** The present name of what once had this name, after any number of moves. */
  movedTo(type: RepoType, name: string): string | undefined
  move(repository: Repository, name: string, owner: Account): void
  delete(repository: Repository): void
}

/** The branch every repository starts with and `headSha` speaks of. */
export const MAIN = 'refs/heads/main'

const NAME = /^(?!.*(?:--|\.\.))(?![.-])[\w.-]{1,96}(?<![.-])$/

/**
 * @param name the part after the slash
 * @throws the 400 of a name the Hub does not allow
 */
export function checkRepositoryName(name: string): void {
  if (!NAME.test(name) || name.endsWith('.git')) throw badRequest(`Invalid repository name: ${name}`)
}

/**
 * @param options where ids and times come from
 * @returns an empty Hub
 */
export function createRepositories(options: { newId: () => string; now: () => Date }): Repositories {
  const byName = new Map<string, Repository>()
  const moved = new Map<string, string>()
  const key = (type: RepoType, name: string) => `${type}s/${name}`
  // Two names that differ only in case are one name: https://huggingface.co/docs/hub/repositories-settings
  const taken = new Set<string>()
  const isTaken = (type: RepoType, name: string) => taken.has(key(type, name).toLowerCase())

  return {
    find: (type, name) => byName.get(key(type, name)),
    movedTo(type, name) {
      const next = moved.get(key(type, name))
      return next === undefined || byName.has(key(type, next)) ? next : this.movedTo(type, next)
    },
    create({ type, name, owner, private: isPrivate, region = 'us', madeBy = null }) {
      if (isTaken(type, name)) throw new HubRefusal(409, `You already created this ${type} repo`)
      const repository: Repository = {
        id: options.newId(),
        type,
        name,
        private: isPrivate,
        admitted: null,
        discussionsDisabled: false,
        owner,
        createdAt: options.now(),
        refs: new Map(),
        commits: new Map(),
        goneFrom: new Map(),
        now: options.now,
        blobs: new Map(),
        lfs: new Map(),
        withoutXet: new Set(),
        uncopyable: new Set(),
        region,
        madeBy,
      }
      byName.set(key(type, name), repository)
      taken.add(key(type, name).toLowerCase())
      moved.delete(key(type, name))
      return repository
    },
    move(repository, name, owner) {
      const oldKey = key(repository.type, repository.name)
      const isOnlyCase = oldKey.toLowerCase() === key(repository.type, name).toLowerCase()
      if (!isOnlyCase && isTaken(repository.type, name)) throw new HubRefusal(409, `${name} already exists`)
      byName.delete(oldKey)
      taken.delete(oldKey.toLowerCase())
      moved.set(oldKey, name)
      moved.delete(key(repository.type, name))
      repository.name = name
      repository.owner = owner
      byName.set(key(repository.type, name), repository)
      taken.add(key(repository.type, name).toLowerCase())
    },
    delete(repository) {
      byName.delete(key(repository.type, repository.name))
      taken.delete(key(repository.type, repository.name).toLowerCase())
    },
  }
}

/**
 * @param rev a branch, a tag, a full ref, a full commit id, or `HEAD`; never an abbreviated id
 * @returns the commit; throws the 404 of an unknown revision
 */
export function resolveRevision(repository: Repository, rev: string): Commit {
  const names = rev === 'HEAD' ? [MAIN] : [rev, `refs/heads/${rev}`, `refs/tags/${rev}`]
  const ref = names.find((name) => name.startsWith('refs/') && repository.refs.has(name))
  const commit = repository.commits.get(ref === undefined ? rev : (repository.refs.get(ref) ?? rev))
  if (commit === undefined || isGone(repository, commit.sha)) throw revisionNotFound(rev)
  return commit
}

function isGone(repository: Repository, sha: string): boolean {
  const from = repository.goneFrom.get(sha) ?? Number.POSITIVE_INFINITY
  return repository.now().getTime() >= from
}

/** @returns what the webhook calls `headSha`: main's commit, if there is one */
export function headSha(repository: Repository): string | undefined {
  return repository.refs.get(MAIN)
}

/**
 * Makes a commit object; no ref moves.
 *
 * @param options its content, parents and author
 * @returns the commit, with the id git itself would give it
 */
export function writeCommit(repository: Repository, options: Omit<Commit, 'sha'>): Commit {
  const { author, title, description } = options
  const sha = commitOid({
    treeOid: options.tree.oid,
    parents: options.parents,
    author: { name: author.name, email: `${author.name}@users.noreply.huggingface.co` },
    date: options.date,
    message: description === '' ? title : `${title}\n\n${description}`,
  })
  const commit = { ...options, sha }
  repository.commits.set(sha, commit)
  return commit
}

/**
 * @param ref full name
 * @param sha where it shall point, or null to delete it
 * @returns the update, in the webhook's form
 */
export function moveRef(repository: Repository, ref: string, sha: string | null): RefUpdate {
  const oldSha = repository.refs.get(ref) ?? null
  if (sha === null) repository.refs.delete(ref)
  else repository.refs.set(ref, sha)
  return { ref, oldSha, newSha: sha }
}

/** @returns the commits from a revision back to the first, newest first, along the first parents */
export function* history(repository: Repository, from: Commit): Generator<Commit> {
  let commit: Commit | undefined = from
  while (commit !== undefined) {
    yield commit
    const parent: string | undefined = commit.parents[0]
    commit = parent === undefined ? undefined : repository.commits.get(parent)
  }
}
