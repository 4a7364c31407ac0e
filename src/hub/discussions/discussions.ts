import * as z from 'zod/mini'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'

/** The Hub's limits, in characters. https://huggingface.co/docs/hub/api#discussions-and-pull-requests */
const titleLimit = 200
const textLimit = 65_536

/** More pages than anybody's own discussions on one dataset fill. */
const maxPages = 20

const createdSchema = z.object({ num: z.int() })
/** The author is missing where the account was deleted. */
const authorSchema = z.optional(z.nullable(z.object({ name: z.optional(z.string()) })))
const listSchema = z.object({
  discussions: z.array(
    z.object({
      num: z.int(),
      title: z.string(),
      status: z.string(),
      isPullRequest: z.boolean(),
      author: authorSchema,
    }),
  ),
  count: z.int(),
  start: z.int(),
})
const detailsSchema = z.object({
  num: z.int(),
  title: z.string(),
  status: z.string(),
  events: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      author: authorSchema,
      data: z.optional(z.looseObject({ latest: z.optional(z.object({ raw: z.optional(z.string()) })) })),
    }),
  ),
})

/** A discussion on a dataset. */
export interface Discussion {
  readonly number: number
  readonly url: string
}

/** A discussion as a listing has it. */
export interface ListedDiscussion {
  readonly number: number
  readonly title: string
  readonly isOpen: boolean
}

/** A comment; the first post of a discussion is one too. */
interface Comment {
  readonly id: string
  /** Empty when the account is gone. */
  readonly author: string
  /** Markdown as it was written. */
  readonly text: string
}

/** A whole discussion. */
export interface DiscussionDetails extends Discussion {
  readonly title: string
  readonly isOpen: boolean
  /** Oldest first; the first is the first post. */
  readonly comments: readonly Comment[]
}

/** Where a call goes, and by what it is stopped. */
export interface DiscussionCall {
  readonly dataset: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens a discussion on a dataset. It is sent once: when the answer is lost, a second try could leave two.
 *
 * @param options.title cut to the Hub's 200 characters
 * @param options.description Markdown, cut to the Hub's 65,536 characters
 * @throws HttpError whose message says the next step; NoAnswerError
 */
export async function createDiscussion(
  hub: Hub,
  options: DiscussionCall & { title: string; description: string },
): Promise<Discussion> {
  const { dataset, title, description, signal } = options
  const { num } = await call(hub, dataset, {
    method: 'POST',
    path: '',
    body: { title: title.slice(0, titleLimit), description: description.slice(0, textLimit) },
    answer: createdSchema,
    signal,
  })
  return { number: num, url: urlOf(hub, dataset, num) }
}

/**
 * The discussions of one author on a dataset, no pull requests, newest first.
 *
 * @param options.status `all` has the closed ones too
 */
export async function listDiscussions(
  hub: Hub,
  options: DiscussionCall & { author: string; status: 'open' | 'all' },
): Promise<ListedDiscussion[]> {
  const { dataset, author, status, signal } = options
  const found: ListedDiscussion[] = []
  for (let page = 0; page < maxPages; page += 1) {
    const query = new URLSearchParams({ p: String(page), type: 'discussion', status, author })
    const answer = await call(hub, dataset, { method: 'GET', path: `?${query}`, answer: listSchema, signal })
    for (const { num, title, status: state, isPullRequest, author: by } of answer.discussions) {
      // Also where a filter of the query is not known to the server.
      if (isPullRequest || !isSame(by?.name, author) || (status === 'open' && state !== 'open')) continue
      found.push({ number: num, title, isOpen: state === 'open' })
    }
    const { start, count, discussions } = answer
    if (discussions.length === 0 || start + discussions.length >= count) break
  }
  return found
}

/** Reads a discussion with its comments. */
export async function readDiscussion(
  hub: Hub,
  options: DiscussionCall & { number: number },
): Promise<DiscussionDetails> {
  const { dataset, number, signal } = options
  const answer = await call(hub, dataset, {
    method: 'GET',
    path: `/${number}`,
    answer: detailsSchema,
    signal,
  })
  return {
    number,
    url: urlOf(hub, dataset, number),
    title: answer.title,
    isOpen: answer.status === 'open',
    comments: answer.events
      .filter(({ type }) => type === 'comment')
      .map(({ id, author, data }) => ({ id, author: author?.name ?? '', text: data?.latest?.raw ?? '' })),
  }
}

/** Adds a comment. It is sent once, as {@link createDiscussion}. */
export async function addComment(
  hub: Hub,
  options: DiscussionCall & { number: number; text: string },
): Promise<void> {
  const { dataset, number, text, signal } = options
  const body = { comment: text.slice(0, textLimit) }
  await call(hub, dataset, { method: 'POST', path: `/${number}/comment`, body, answer: null, signal })
}

/** Replaces the text of one's own comment, or of the first post. */
export async function editComment(
  hub: Hub,
  options: DiscussionCall & { number: number; comment: string; text: string },
): Promise<void> {
  const { dataset, number, comment, text, signal } = options
  const path = `/${number}/comment/${encodeURIComponent(comment)}/edit`
  const body = { content: text.slice(0, textLimit) }
  await call(hub, dataset, { method: 'POST', path, body, answer: null, signal })
}

/** Closes a discussion. */
export async function closeDiscussion(hub: Hub, options: DiscussionCall & { number: number }): Promise<void> {
  const { dataset, number, signal } = options
  const body = { status: 'closed' }
  await call(hub, dataset, { method: 'POST', path: `/${number}/status`, body, answer: null, signal })
}

/** Whether two names are of the same account: the Hub does not tell large letters from small ones. */
export function isSame(name: string | undefined, other: string): boolean {
  return name?.toLowerCase() === other.toLowerCase()
}

async function call<T>(
  hub: Hub,
  dataset: string,
  request: Parameters<typeof hub.api.call<T>>[0],
): Promise<T> {
  try {
    const path = `/api/datasets/${dataset}/discussions${request.path}`
    return await hub.api.call({ ...request, path })
  } catch (error) {
    throw error instanceof HttpError ? withNextStep(error, dataset) : error
  }
}

function urlOf(hub: Hub, dataset: string, number: number): string {
  return `${hub.url}/datasets/${dataset}/discussions/${number}`
}

function withNextStep(error: HttpError, dataset: string): HttpError {
  const step = [401, 403, 404].includes(error.status)
    ? `the token cannot write discussions on ${dataset}: give hf-token the write role, or the fine-grained ` +
      'permission discussion.write on it, or set discussion: off'
    : error.status === 429
      ? 'the Hub limits how many discussions are opened: wait, or set discussion: off'
      : 'see the answer above'
  return error.withNextStep(step)
}
