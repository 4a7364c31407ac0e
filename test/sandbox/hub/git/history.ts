import type { Account } from '../accounts/accounts.ts'
import { badRequest } from '../errors.ts'
import type { Hub } from '../hub.ts'
import { publishContent } from './changes.ts'
import type { Commit, Repository } from './repositories.ts'
import { moveRef, resolveRevision, writeCommit } from './repositories.ts'

function reachableFrom(repository: Repository, starts: Iterable<string>): Set<string> {
  const seen = new Set<string>()
  const open = [...starts]
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    if (seen.has(sha)) continue
    seen.add(sha)
    open.push(...(repository.commits.get(sha)?.parents ?? []))
  }
  return seen
}

/** Stops serving commits without a ref after a while, and serves those that have one again. */
function forgetUnreachable(repository: Repository, servedForMs: number): void {
  const reachable = reachableFrom(repository, repository.refs.values())
  const from = repository.now().getTime() + servedForMs
  for (const sha of repository.commits.keys()) {
    if (reachable.has(sha)) repository.goneFrom.delete(sha)
    else if (!repository.goneFrom.has(sha)) repository.goneFrom.set(sha, from)
  }
}

/**
 * Points a branch at any commit that the repository ever had, as `git push --force` does. To webhooks it looks like
 * every other push: https://huggingface.co/docs/hub/webhooks#code-changes
 *
 * @param options `servedForMs`: how long commits that fell out of the history are still served, by the Hub's clock
 */
export function forcePush(
  hub: Hub,
  repository: Repository,
  options: { ref: string; sha: string; servedForMs: number },
): void {
  const { ref, sha, servedForMs } = options
  if (!repository.commits.has(sha)) throw new Error(`${repository.name} never had a commit ${sha}.`)
  const update = moveRef(repository, ref, sha)
  forgetUnreachable(repository, servedForMs)
  publishContent(hub, repository, [update])
}

/**
 * Replaces the history of a branch by one commit with the same files.
 * https://huggingface.co/docs/huggingface_hub/package_reference/hf_api (`super_squash_history`)
 *
 * @returns the one commit; throws 400 for what is no branch, 404 for one that is not there
 */
export function squashHistory(
  hub: Hub,
  repository: Repository,
  options: { branch: string; author: Account; message?: string; servedForMs?: number },
): Commit {
  const { branch, author, message = `Super-squash branch '${branch}'`, servedForMs = 0 } = options
  const ref = `refs/heads/${branch}`
  if (!repository.refs.has(ref)) {
    resolveRevision(repository, branch)
    throw badRequest(`${branch} is not a branch`)
  }
  const commit = writeCommit(repository, {
    parents: [],
    title: message,
    description: '',
    author,
    date: hub.now(),
    tree: resolveRevision(repository, ref).tree,
  })
  forcePush(hub, repository, { ref, sha: commit.sha, servedForMs })
  return commit
}
