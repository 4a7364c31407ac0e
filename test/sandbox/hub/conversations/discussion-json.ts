import type { Account } from '../accounts/accounts.ts'
import type { Repository } from '../git/repositories.ts'
import type { Hub } from '../hub.ts'
import type { Discussion, DiscussionEvent } from './discussions.ts'

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

function authorJson(hub: Hub, account: Account) {
  const { id, name, fullname, type } = account
  return {
    _id: id,
    avatarUrl: `${hub.address.url}/avatars/${id}.svg`,
    fullname,
    name,
    type,
    isHf: false,
    isHfAdmin: false,
    isMod: false,
    ...(type === 'user' && { isPro: false }),
  }
}

function eventData(hub: Hub, event: DiscussionEvent): Record<string, unknown> {
  switch (event.type) {
    case 'comment': {
      const { raw, edited, hidden, updatedAt, numEdits } = event
      // What is hidden is gone for everybody: https://huggingface.co/docs/hub/repositories-pull-requests-discussions
      const text = hidden ? 'This comment has been hidden' : raw
      return {
        edited,
        hidden,
        numEdits,
        latest: {
          raw: text,
          html: `<p>${escapeHtml(text)}</p>`,
          updatedAt: updatedAt.toISOString(),
          author: authorJson(hub, event.author),
        },
        editors: [event.author.name],
        editorAvatarUrls: [],
        reactions: [],
        isReport: false,
      }
    }
    case 'status-change':
      return { status: event.status }
    case 'title-change':
      return { from: event.from, to: event.to }
    case 'commit':
      return { subject: event.subject, oid: event.oid }
  }
}

/** @returns one event of a discussion, in the API's form */
export function eventJson(hub: Hub, event: DiscussionEvent) {
  return {
    id: event.id,
    createdAt: event.createdAt.toISOString(),
    author: authorJson(hub, event.author),
    type: event.type,
    data: eventData(hub, event),
  }
}

/** @returns a discussion as a listing shows it */
export function discussionJson(hub: Hub, repository: Repository, discussion: Discussion) {
  const { num, title, status, isPullRequest, pinned, author, createdAt, events } = discussion
  return {
    num,
    title,
    status,
    isPullRequest,
    pinned,
    author: authorJson(hub, author),
    createdAt: createdAt.toISOString(),
    repo: { name: repository.name, type: repository.type },
    numComments: events.filter(({ type }) => type === 'comment').length,
    numReactionUsers: 0,
    topReactions: [],
  }
}
