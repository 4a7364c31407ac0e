import type { Account } from './accounts.ts'
import type { Files, Operation } from './commits.ts'
import { applyOperations, fileOperations, gitAttributesOf, initialTree } from './commits.ts'
import type { Comment, Discussion } from './discussions.ts'
import { badRequest, HubRefusal } from './errors.ts'
import type { Hub } from './hub.ts'
import type { Commit, RefUpdate, Repository, RepoType } from './repositories.ts'
import { MAIN, moveRef, resolveRevision, writeCommit } from './repositories.ts'
import { applyChanges, diffTrees, emptyTree } from './trees.ts'

function publishContent(hub: Hub, repository: Repository, updatedRefs: readonly RefUpdate[]): void {
  hub.webhooks.publish({ action: 'update', scope: 'repo.content', repository, updatedRefs })
}

/** @returns the new repository with its first commit; webhooks are told */
export function createRepository(
  hub: Hub,
  options: { type: RepoType; name: string; owner: Account; author: Account; private: boolean; files?: Files },
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
  publishContent(hub, repository, [moveRef(repository, options.ref, commit.sha)])
  return commit
}

/** Points a ref somewhere else, or deletes it with null; webhooks are told. */
export function updateRef(hub: Hub, repository: Repository, ref: string, sha: string | null): void {
  publishContent(hub, repository, [moveRef(repository, ref, sha)])
}

/** @returns a new discussion with its first comment; webhooks are told */
export function openDiscussion(
  hub: Hub,
  repository: Repository,
  options: { title: string; description: string; author: Account },
): Discussion {
  const { discussion, comment } = hub.discussions.open(repository, {
    ...options,
    isPullRequest: false,
    status: 'open',
  })
  publishDiscussion(hub, repository, 'create', discussion, comment)
  return discussion
}

/** Tells webhooks about a discussion. */
export function publishDiscussion(
  hub: Hub,
  repository: Repository,
  action: 'create' | 'update' | 'delete',
  discussion: Discussion,
  comment?: Comment,
): void {
  const rest = { repository, discussion, ...(comment !== undefined && { comment }) }
  hub.webhooks.publish({ action, scope: 'discussion', ...rest })
}

/**
 * Opens a pull request whose ref first shows where it starts from. The new ref is an event of the content too:
 * https://huggingface.co/docs/hub/webhooks#event
 *
 * @returns the discussion that carries it, and its commit
 */
export function openPullRequest(
  hub: Hub,
  repository: Repository,
  options: {
    title: string
    description: string
    author: Account
    base: Commit
    status: 'draft' | 'open'
    operations?: readonly Operation[]
  },
): { discussion: Discussion; commit: Commit } {
  const { title, description, author, base, status, operations } = options
  const commit =
    operations === undefined
      ? base
      : writeCommit(repository, {
          parents: [base.sha],
          title,
          description,
          author,
          date: hub.now(),
          tree: applyOperations(repository, base.tree, operations),
        })
  const { discussion, comment } = hub.discussions.open(repository, {
    title,
    description,
    author,
    status,
    isPullRequest: true,
    base: MAIN,
  })
  publishContent(hub, repository, [moveRef(repository, `refs/pr/${discussion.num}`, commit.sha)])
  publishDiscussion(hub, repository, 'create', discussion, comment)
  return { discussion, commit }
}

function mergeBase(repository: Repository, main: Commit, branch: Commit): Commit | undefined {
  const reachable = (from: Commit) => {
    const seen = new Set<string>()
    const open = [from.sha]
    for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
      if (seen.has(sha)) continue
      seen.add(sha)
      open.push(...(repository.commits.get(sha)?.parents ?? []))
    }
    return seen
  }
  const ofMain = reachable(main)
  const shared = [...reachable(branch)].find((sha) => ofMain.has(sha))
  return shared === undefined ? undefined : repository.commits.get(shared)
}

/** Merges a pull request into main with a merge commit; throws the 409 of a conflict. */
export function mergePullRequest(
  hub: Hub,
  repository: Repository,
  options: { discussion: Discussion; author: Account },
): Commit {
  const { discussion, author } = options
  if (!discussion.isPullRequest || discussion.status !== 'open')
    throw badRequest('This pull request is not open')
  const main = resolveRevision(repository, MAIN)
  const branch = resolveRevision(repository, `refs/pr/${discussion.num}`)
  const base = mergeBase(repository, main, branch)?.tree ?? emptyTree
  const theirs = diffTrees(base, branch.tree)
  const ours = diffTrees(base, main.tree)
  const conflicts = [...theirs].filter(
    ([path, entry]) => ours.has(path) && ours.get(path)?.oid !== entry?.oid,
  )
  if (conflicts.length > 0) throw new HubRefusal(409, 'This branch has merge conflicts')
  const commit = writeCommit(repository, {
    parents: [main.sha, branch.sha],
    title: discussion.title,
    description: '',
    author,
    date: hub.now(),
    tree: applyChanges(main.tree, theirs),
  })
  publishContent(hub, repository, [moveRef(repository, MAIN, commit.sha)])
  discussion.status = 'merged'
  discussion.changes = { base: MAIN, mergeCommitId: commit.sha }
  const event = { id: hub.newId(), type: 'status-change' as const, status: 'merged' as const }
  hub.discussions.record(discussion, { ...event, author, createdAt: hub.now() })
  publishDiscussion(hub, repository, 'update', discussion)
  return commit
}
