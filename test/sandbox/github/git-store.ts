import { createHash } from 'node:crypto'
import type { Repository } from './github-repositories.ts'
import { RefStore } from './ref-store.ts'

/** An annotated tag object. */
export interface TagObject {
  sha: string
  tag: string
  message: string
  object: { type: string; sha: string }
  tagger: { name: string; email: string; date: string }
}

/** The part of a git database that the sandbox has: refs, commits and tag objects. */
export interface GitStore {
  /** From the full name to the object it holds. */
  refs: RefStore
  commits: Set<string>
  tags: Map<string, TagObject>
  /** When each tag object was made, in milliseconds since the epoch: replicas learn of it later. */
  tagsMadeAt: Map<string, number>
  /** Milliseconds since the epoch. */
  now: () => number
}

const stores = new WeakMap<Repository, GitStore>()

/**
 * Returns the git database of a repository. It has the default branch from the start, unless `headSha` is empty, which
 * means that the repository has no commit.
 */
export function gitStore(repository: Repository): GitStore {
  const { headSha, defaultBranch } = repository
  const store = stores.get(repository) ?? emptyStore(repository.now)
  stores.set(repository, store)
  if (headSha !== '') {
    store.commits.add(headSha)
    store.refs.set(`refs/heads/${defaultBranch}`, headSha)
  }
  return store
}

function emptyStore(now: () => number): GitStore {
  return { refs: new RefStore(now), commits: new Set(), tags: new Map(), tagsMadeAt: new Map(), now }
}

/** The tag object, if it was made by that time. */
export function tagSeenAt(store: GitStore, sha: string, time: number): TagObject | undefined {
  return (store.tagsMadeAt.get(sha) ?? 0) <= time ? store.tags.get(sha) : undefined
}

/** The kind of an object, or undefined when the repository does not have it. */
export function objectType(store: GitStore, sha: string): 'commit' | 'tag' | undefined {
  if (store.commits.has(sha)) return 'commit'
  return store.tags.has(sha) ? 'tag' : undefined
}

/**
 * Adds a tag object without a ref. As in git, the same content is the same object.
 * https://git-scm.com/docs/git-mktag
 *
 * @param date what GitHub's clock shows, in milliseconds since the epoch
 */
export function addTag(store: GitStore, tag: Omit<TagObject, 'sha' | 'tagger'>, date: number): TagObject {
  const seconds = Math.floor(date / 1000)
  const name = 'github-actions[bot]'
  const email = '41898282+github-actions[bot]@users.noreply.github.com'
  const content =
    `object ${tag.object.sha}\ntype ${tag.object.type}\ntag ${tag.tag}\n` +
    `tagger ${name} <${email}> ${seconds} +0000\n\n${tag.message}`
  const sha = createHash('sha1')
    .update(`tag ${Buffer.byteLength(content)}\0${content}`)
    .digest('hex')
  const taggedAt = new Date(seconds * 1000).toISOString().replace('.000', '')
  const made = { ...tag, sha, tagger: { name, email, date: taggedAt } }
  store.tags.set(sha, made)
  if (!store.tagsMadeAt.has(sha)) store.tagsMadeAt.set(sha, store.now())
  return made
}

/** Whether git accepts the name of a ref. https://git-scm.com/docs/git-check-ref-format */
export function isValidRefName(name: string): boolean {
  const parts = name.split('/')
  return (
    !/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\.$/.test(name) &&
    parts.every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
  )
}

/** Whether the name conflicts with another ref: git stores refs as files, so `a` excludes `a/b`. */
export function hasFileConflict(store: GitStore, name: string): boolean {
  return [...store.refs.keys()].some((other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`))
}
