import type { Account } from '../accounts/accounts.ts'
import { publishDiscussion } from '../conversations/conversations.ts'
import type { Discussion } from '../conversations/discussions.ts'
import { badRequest, HubRefusal } from '../errors.ts'
import type { Hub } from '../hub.ts'
import { publishContent } from './changes.ts'
import type { Operation } from './commits.ts'
import { applyOperations } from './commits.ts'
import type { Commit, Repository } from './repositories.ts'
import { MAIN, moveRef, resolveRevision, writeCommit } from './repositories.ts'
import { applyChanges, diffTrees, emptyTree } from './trees.ts'

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
  if (commit !== base) {
    const event = { id: hub.newId(), type: 'commit' as const, oid: commit.sha, subject: title }
    hub.discussions.record(discussion, { ...event, author, createdAt: commit.date })
  }
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

/** What a pull request and main changed since they parted. */
function sides(repository: Repository, discussion: Discussion) {
  const main = resolveRevision(repository, MAIN)
  const branch = resolveRevision(repository, `refs/pr/${discussion.num}`)
  const base = mergeBase(repository, main, branch)?.tree ?? emptyTree
  const theirs = diffTrees(base, branch.tree)
  const ours = diffTrees(base, main.tree)
  const conflicts = [...theirs].filter(
    ([path, entry]) => ours.has(path) && ours.get(path)?.oid !== entry?.oid,
  )
  return { main, branch, theirs, conflicts: conflicts.map(([path]) => path) }
}

/** @returns the paths that main changed too, otherwise than the pull request; none once it is closed or merged */
export function filesWithConflicts(repository: Repository, discussion: Discussion): string[] {
  return ['open', 'draft'].includes(discussion.status) ? sides(repository, discussion).conflicts : []
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
  const { main, branch, theirs, conflicts } = sides(repository, discussion)
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
