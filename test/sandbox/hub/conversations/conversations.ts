import type { Account } from '../accounts/accounts.ts'
import type { Repository } from '../git/repositories.ts'
import type { Hub } from '../hub.ts'
import type { Comment, Discussion, DiscussionEvent } from './discussions.ts'

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

/** @returns a new comment; webhooks are told */
export function commentOn(
  hub: Hub,
  repository: Repository,
  options: { discussion: Discussion; author: Account; raw: string },
): Comment {
  const { discussion, author, raw } = options
  const comment = hub.discussions.comment(discussion, author, raw)
  publishComment(hub, repository, { action: 'create', discussion, comment })
  return comment
}

function publishComment(
  hub: Hub,
  repository: Repository,
  options: { action: 'create' | 'update'; discussion: Discussion; comment: Comment },
): void {
  hub.webhooks.publish({ ...options, scope: 'discussion.comment', repository })
}

/** Replaces a comment's text; webhooks are told. */
export function editComment(
  hub: Hub,
  repository: Repository,
  options: { discussion: Discussion; comment: Comment; raw: string },
): void {
  const { discussion, comment, raw } = options
  Object.assign(comment, { raw, edited: true, numEdits: comment.numEdits + 1, updatedAt: hub.now() })
  publishComment(hub, repository, { action: 'update', discussion, comment })
}

/** Hides a comment for good; webhooks are told, without its text. */
export function hideComment(
  hub: Hub,
  repository: Repository,
  options: { discussion: Discussion; comment: Comment },
): void {
  Object.assign(options.comment, { hidden: true, updatedAt: hub.now() })
  publishComment(hub, repository, { action: 'update', ...options })
}

/** Closes a discussion or opens it again, with a word if there is one; webhooks are told. */
export function changeStatus(
  hub: Hub,
  repository: Repository,
  options: { discussion: Discussion; author: Account; status: 'open' | 'closed'; comment?: string },
): DiscussionEvent {
  const { discussion, author, status, comment } = options
  if (comment !== undefined) commentOn(hub, repository, { discussion, author, raw: comment })
  discussion.status = status
  const event = hub.discussions.record(discussion, {
    id: hub.newId(),
    type: 'status-change',
    status,
    author,
    createdAt: hub.now(),
  })
  publishDiscussion(hub, repository, 'update', discussion)
  return event
}

/** Gives a discussion another title; webhooks are told. */
export function retitle(
  hub: Hub,
  repository: Repository,
  options: { discussion: Discussion; author: Account; title: string },
): DiscussionEvent {
  const { discussion, author, title } = options
  const event = hub.discussions.record(discussion, {
    id: hub.newId(),
    type: 'title-change',
    from: discussion.title,
    to: title,
    author,
    createdAt: hub.now(),
  })
  discussion.title = title
  publishDiscussion(hub, repository, 'update', discussion)
  return event
}
