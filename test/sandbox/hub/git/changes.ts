import type { Account } from '../accounts/accounts.ts'
import { HubRefusal } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { Files, Operation } from './commits.ts'
import { applyOperations, fileOperations, gitAttributesOf, initialTree } from './commits.ts'
import type { Commit, NewRepository, RefUpdate, Repository } from './repositories.ts'
import { MAIN, moveRef, resolveRevision, writeCommit } from './repositories.ts'
import { emptyTree } from './trees.ts'

/** Tells webhooks about refs that moved. */
export function publishContent(hub: Hub, repository: Repository, updatedRefs: readonly RefUpdate[]): void {
  hub.webhooks.publish({ action: 'update', scope: 'repo.content', repository, updatedRefs })
}

/** @returns the new repository with its first commit; webhooks are told */
export function createRepository(
  hub: Hub,
  options: NewRepository & { author: Account; files?: Files },
): Repository {
  const { author, files = {} } = options
  const repository = hub.repositories.create(options)
  const tree = initialTree(repository)
  const first = writeCommit(repository, {
    parents: [],
    title: 'initial commit',
    description: '',
    author,
    date: hub.now(),
    tree,
  })
  moveRef(repository, MAIN, first.sha)
  hub.webhooks.publish({ action: 'create', scope: 'repo', repository })
  if (Object.keys(files).length > 0) {
    const operations = fileOperations(repository, files, gitAttributesOf(repository, tree))
    commitTo(hub, repository, { ref: MAIN, title: 'Add files', description: '', author, operations })
  }
  return repository
}

function recordInPullRequest(hub: Hub, repository: Repository, ref: string, commit: Commit): void {
  const num = /^refs\/pr\/(\d+)$/.exec(ref)?.[1]
  if (num === undefined) return
  hub.discussions.record(hub.discussions.get(repository, Number(num)), {
    id: hub.newId(),
    type: 'commit',
    oid: commit.sha,
    subject: commit.title,
    author: commit.author,
    createdAt: commit.date,
  })
}

/** @returns the commit that a branch or pull request now points at; throws 412 when `parentCommit` is not its head */
export function commitTo(
  hub: Hub,
  repository: Repository,
  options: {
    ref: string
    title: string
    description: string
    author: Account
    operations: readonly Operation[]
    parentCommit?: string
  },
): Commit {
  const head = repository.refs.get(options.ref)
  if (options.parentCommit !== undefined && options.parentCommit !== head) {
    throw new HubRefusal(412, 'A commit has happened since. Please refresh and try again.')
  }
  const parent = head === undefined ? undefined : resolveRevision(repository, head)
  const commit = writeCommit(repository, {
    parents: parent === undefined ? [] : [parent.sha],
    title: options.title,
    description: options.description,
    author: options.author,
    date: hub.now(),
    tree: applyOperations(repository, parent?.tree ?? emptyTree, options.operations),
  })
  recordInPullRequest(hub, repository, options.ref, commit)
  publishContent(hub, repository, [moveRef(repository, options.ref, commit.sha)])
  return commit
}

/** Points a ref somewhere else, or deletes it with null; webhooks are told. */
export function updateRef(hub: Hub, repository: Repository, ref: string, sha: string | null): void {
  publishContent(hub, repository, [moveRef(repository, ref, sha)])
}

/** Deletes a repository; webhooks are told. */
export function deleteRepository(hub: Hub, repository: Repository): void {
  hub.repositories.delete(repository)
  hub.webhooks.publish({ action: 'delete', scope: 'repo', repository })
}

/** Renames or transfers a repository. The event still has the old name, and the new one in `movedTo`. */
export function moveRepository(
  hub: Hub,
  repository: Repository,
  options: { name: string; owner: Account },
): void {
  const old = { ...repository }
  hub.repositories.move(repository, options.name, options.owner)
  const movedTo = { name: repository.name, owner: { id: repository.owner.id } }
  hub.webhooks.publish({ action: 'move', scope: 'repo', repository: old, movedTo })
  hub.webhooks.follow(repository, old.name)
}

/** Changes settings; the event tells of the visibility and of nothing else. */
export function updateSettings(
  hub: Hub,
  repository: Repository,
  settings: { private?: boolean; discussionsDisabled?: boolean },
): void {
  const updatedConfig =
    settings.private === undefined || settings.private === repository.private
      ? {}
      : { private: settings.private }
  Object.assign(repository, settings)
  hub.webhooks.publish({ action: 'update', scope: 'repo.config', repository, updatedConfig })
}
