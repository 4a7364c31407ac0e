import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Token } from '../accounts/accounts.ts'
import {
  changeStatus,
  commentOn,
  editComment,
  hideComment,
  openDiscussion,
  publishDiscussion,
  retitle,
} from '../conversations/conversations.ts'
import { discussionJson, eventJson } from '../conversations/discussion-json.ts'
import type { Discussion } from '../conversations/discussions.ts'
import { badRequest, forbidden, HubRefusal } from '../errors.ts'
import { filesWithConflicts, mergePullRequest, openPullRequest } from '../git/pull-requests.ts'
import type { Repository } from '../git/repositories.ts'
import { MAIN, resolveRevision } from '../git/repositories.ts'
import type { Hub } from '../hub.ts'
import { webUrl } from '../webhooks/webhook-payload.ts'
import type { RouteContext, RouteEnv } from './request.ts'
import { intQuery, parseWith, REPOSITORY, readBody, repositoryOf, segments } from './request.ts'

/** Not documented: clients must go by `count` and `start`. */
const PAGE = 15

const title = z.string().check(z.minLength(3), z.maxLength(200))
const longText = z.string().check(z.maxLength(65_536))
const comment = longText.check(z.minLength(1))

const openBody = z.object({ title, description: longText, pullRequest: z.optional(z.boolean()) })
const commentBody = z.object({ comment })
const editBody = z.object({ content: comment })
const statusBody = z.object({ status: z.enum(['open', 'closed']), comment: z.optional(comment) })
const titleBody = z.object({ title })
const pinBody = z.object({ pinned: z.boolean() })

const listQuery = z.object({
  type: z._default(z.enum(['all', 'discussion', 'pull_request']), 'all'),
  status: z._default(z.enum(['all', 'open', 'closed']), 'all'),
  author: z.optional(z.string()),
  search: z.optional(z.string()),
  sort: z._default(z.enum(['recently-created', 'trending', 'reactions']), 'recently-created'),
})

const isClosed = ({ status }: Discussion) => status === 'closed' || status === 'merged'

function list(hub: Hub, c: RouteContext): Response {
  const repository = repositoryOf(hub, c)
  const query = parseWith(listQuery, c.req.query())
  const p = intQuery(c, 'p', { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const fitting = hub.discussions
    .of(repository)
    .filter(({ isPullRequest }) => query.type === 'all' || isPullRequest === (query.type === 'pull_request'))
    .filter(({ author }) => query.author === undefined || author.name === query.author)
    .filter((each) => each.title.toLowerCase().includes((query.search ?? '').toLowerCase()))
  const found = fitting
    .filter((each) => query.status === 'all' || isClosed(each) === (query.status === 'closed'))
    .toReversed()
  const start = p * PAGE
  return c.json({
    discussions: found.slice(start, start + PAGE).map((each) => discussionJson(hub, repository, each)),
    count: found.length,
    start,
    numClosedDiscussions: fitting.filter(isClosed).length,
  })
}

async function open(hub: Hub, c: RouteContext): Promise<Response> {
  const repository = repositoryOf(hub, c)
  const { user } = hub.access.requireDiscuss(c.get('token'), repository)
  if (repository.discussionsDisabled) throw forbidden('Discussions are disabled for this repo')
  const body = await readBody(c, openBody)
  const common = { title: body.title, description: body.description, author: user }
  const discussion = body.pullRequest
    ? openPullRequest(hub, repository, {
        ...common,
        base: resolveRevision(repository, MAIN),
        status: 'draft',
      }).discussion
    : openDiscussion(hub, repository, common)
  return c.json({
    url: `${webUrl(hub.address.url, repository)}/discussions/${discussion.num}`,
    num: discussion.num,
    pullRequest: discussion.isPullRequest,
    ...(discussion.changes !== undefined && { references: discussion.changes }),
  })
}

interface Found {
  repository: Repository
  discussion: Discussion
  token: Token
  commentId: string
}

/** One existing discussion, and a caller who may at least answer in it. */
function existing(hub: Hub, c: RouteContext): Found {
  const repository = repositoryOf(hub, c)
  const token = hub.access.requireDiscuss(c.get('token'), repository)
  const parts = segments(c)
  const discussion = hub.discussions.get(repository, Number(parts[5]))
  return { repository, discussion, token, commentId: parts[7] ?? '' }
}

/** Its author may, and so may whoever writes to the repository. */
function requireOwner(hub: Hub, found: Found, authorId: string): void {
  const isAuthor = found.token.user.id === authorId
  if (isAuthor || hub.access.canWrite(found.token, found.repository)) return
  throw forbidden("You don't have the rights to do this on this discussion")
}

async function status(hub: Hub, c: RouteContext): Promise<Response> {
  const found = existing(hub, c)
  requireOwner(hub, found, found.discussion.author.id)
  const body = await readBody(c, statusBody)
  const event = changeStatus(hub, found.repository, {
    discussion: found.discussion,
    author: found.token.user,
    status: body.status,
    ...(body.comment !== undefined && { comment: body.comment }),
  })
  return c.json({ newStatus: eventJson(hub, event) })
}

async function changeTitle(hub: Hub, c: RouteContext): Promise<Response> {
  const found = existing(hub, c)
  requireOwner(hub, found, found.discussion.author.id)
  const body = await readBody(c, titleBody)
  const { discussion, token } = found
  const event = retitle(hub, found.repository, { discussion, author: token.user, title: body.title })
  return c.json({ newTitle: eventJson(hub, event) })
}

async function edit(hub: Hub, c: RouteContext): Promise<Response> {
  const found = existing(hub, c)
  const changed = hub.discussions.commentById(found.discussion, found.commentId)
  if (changed.author.id !== found.token.user.id) throw forbidden('You can only edit your own comments')
  if (changed.hidden) throw badRequest('A hidden comment cannot be edited')
  const { content } = await readBody(c, editBody)
  editComment(hub, found.repository, { discussion: found.discussion, comment: changed, raw: content })
  return c.json({ updatedComment: eventJson(hub, changed) })
}

function hide(hub: Hub, c: RouteContext): Response {
  const found = existing(hub, c)
  const changed = hub.discussions.commentById(found.discussion, found.commentId)
  requireOwner(hub, found, changed.author.id)
  hideComment(hub, found.repository, { discussion: found.discussion, comment: changed })
  return c.json({ updatedComment: eventJson(hub, changed) })
}

function details(hub: Hub, c: RouteContext): Response {
  const repository = repositoryOf(hub, c)
  const discussion = hub.discussions.get(repository, Number(segments(c)[5]))
  return c.json({
    _id: discussion.id,
    ...discussionJson(hub, repository, discussion),
    ...(discussion.changes !== undefined && {
      changes: discussion.changes,
      filesWithConflicts: filesWithConflicts(repository, discussion),
    }),
    events: discussion.events.map((event) => eventJson(hub, event)),
  })
}

/**
 * Discussions and pull requests.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/hf_api.py calls exactly these.
 */
export function discussionRoutes(hub: Hub): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>()
  const all = `${REPOSITORY}/discussions`
  const one = `${all}/:num{[0-9]+}`

  app.get(all, (c) => list(hub, c))
  app.post(all, (c) => open(hub, c))
  app.get(one, (c) => details(hub, c))

  app.post(`${one}/comment`, async (c) => {
    const { repository, discussion, token } = existing(hub, c)
    const body = await readBody(c, commentBody)
    const added = commentOn(hub, repository, { discussion, author: token.user, raw: body.comment })
    return c.json({ newMessage: eventJson(hub, added) }, 201)
  })
  app.post(`${one}/comment/:comment/edit`, (c) => edit(hub, c))
  app.post(`${one}/comment/:comment/hide`, (c) => hide(hub, c))
  app.post(`${one}/status`, (c) => status(hub, c))
  app.post(`${one}/title`, (c) => changeTitle(hub, c))

  app.post(`${one}/pin`, async (c) => {
    const { repository, discussion, token } = existing(hub, c)
    hub.access.requireWrite(token, repository)
    discussion.pinned = (await readBody(c, pinBody)).pinned
    publishDiscussion(hub, repository, 'update', discussion)
    return c.json({ pinned: discussion.pinned })
  })

  app.post(`${one}/merge`, (c) => {
    const { repository, discussion, token } = existing(hub, c)
    hub.access.requireWrite(token, repository)
    mergePullRequest(hub, repository, { discussion, author: token.user })
    return c.json({})
  })

  app.delete(one, (c) => {
    const { repository, discussion, token } = existing(hub, c)
    hub.access.requireWrite(token, repository)
    if (discussion.isPullRequest) throw new HubRefusal(403, 'Pull requests cannot be deleted')
    hub.discussions.delete(repository, discussion)
    publishDiscussion(hub, repository, 'delete', discussion)
    return c.json({})
  })
  return app
}
