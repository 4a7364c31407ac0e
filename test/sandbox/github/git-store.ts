import { createHash } from 'node:crypto'
import type { Repository } from './github-repositories.ts'

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
  /** The sha of the object, by the full name of the ref. */
  refs: Map<string, string>
  commits: Set<string>
  tags: Map<string, TagObject>
}

const stores = new WeakMap<Repository, GitStore>()

/**
 * Returns the git database of a repository. It has the default branch from the start, unless `headSha` is empty, which
 * means that the repository has no commit.
 */
export function gitStore(repository: Repository): GitStore {
  const { headSha, defaultBranch } = repository
  const store = stores.get(repository) ?? { refs: new Map(), commits: new Set(), tags: new Map() }
  stores.set(repository, store)
  if (headSha !== '') {
    store.commits.add(headSha)
    store.refs.set(`refs/heads/${defaultBranch}`, headSha)
  }
  return store
}

/** Returns the type of an object; undefined when the repository does not have it. */
export function objectType(store: GitStore, sha: string): 'commit' | 'tag' | undefined {
  if (store.commits.has(sha)) return 'commit'
  return store.tags.has(sha) ? 'tag' : undefined
}

/**
 * Adds a tag object without a ref. As in git, the same content is the same object.
 * https://git-scm.com/docs/git-mktag
 *
 * @param now milliseconds since the epoch
 */
export function addTag(store: GitStore, tag: Omit<TagObject, 'sha' | 'tagger'>, now: number): TagObject {
  const seconds = Math.floor(now / 1000)
  const name = 'github-actions[bot]'
  const email = '41898282+github-actions[bot]@users.noreply.github.com'
  const content =
    `object ${tag.object.sha}\ntype ${tag.object.type}\ntag ${tag.tag}\n` +
    `tagger ${name} <${email}> ${seconds} +0000\n\n${tag.message}`
  const sha = createHash('sha1')
    .update(`tag ${Buffer.byteLength(content)}\0${content}`)
    .digest('hex')
  const date = new Date(seconds * 1000).toISOString().replace('.000', '')
  const made = { ...tag, sha, tagger: { name, email, date } }
  store.tags.set(sha, made)
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
