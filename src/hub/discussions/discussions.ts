import * as z from 'zod/mini'
import { cutText } from '../../domain/text/cut.ts'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'
import { adviseOnHub } from '../refusals.ts'

/** The Hub's limits, in characters. https://huggingface.co/docs/hub/api#discussions-and-pull-requests */
const titleLimit = 200
const textLimit = 65_536

/** More pages than one account's discussions on a dataset fill; ends a list that does not end. */
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

/** A discussion in a list. */
export interface ListedDiscussion {
  readonly number: number
  readonly title: string
  readonly isOpen: boolean
}

/** A comment; the first post of a discussion counts as one. */
interface Comment {
  readonly id: string
  /** Empty when the account was deleted. */
  readonly author: string
  /** The Markdown source. */
  readonly text: string
}

/** A discussion with its comments. */
export interface DiscussionDetails extends Discussion {
  readonly title: string
  readonly isOpen: boolean
  /** Oldest first; the first is the first post. */
  readonly comments: readonly Comment[]
}

/** The options that all calls share. */
export interface DiscussionCall {
  readonly dataset: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens a discussion on a dataset. The request is never retried: after a lost answer that could open a second one.
 *
 * @param options.title cut to the Hub's 200 characters
 * @param options.description Markdown, cut to the Hub's 65,536 characters
 * @throws HttpError whose message says what to do, or NoAnswerError
 */
export async function createDiscussion(
  hub: Hub,
  options: DiscussionCall & { title: string; description: string },
): Promise<Discussion> {
  const { dataset, title, description, signal } = options
  const { num } = await call(hub, dataset, {
    method: 'POST',
    path: '',
    body: { title: cutText(title, titleLimit), description: cutText(description, textLimit) },
    answer: createdSchema,
    signal,
  })
  return { number: num, url: urlOf(hub, dataset, num) }
}

/**
 * Lists the discussions of one author on a dataset, newest first, without pull requests.
 *
 * @param options.status `all` includes closed ones
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
      // Filtered here too, in case the server ignores a filter of the query.
      if (isPullRequest || !isSameAccount(by?.name, author) || (status === 'open' && state !== 'open'))
        continue
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

/** Adds a comment. Like {@link createDiscussion} it is never retried. */
export async function addComment(
  hub: Hub,
  options: DiscussionCall & { number: number; text: string },
): Promise<void> {
  const { dataset, number, text, signal } = options
  const body = { comment: cutText(text, textLimit) }
  await call(hub, dataset, { method: 'POST', path: `/${number}/comment`, body, answer: null, signal })
}

/** Replaces the text of a comment of the token's account, also of the first post. */
export async function editComment(
  hub: Hub,
  options: DiscussionCall & { number: number; comment: string; text: string },
): Promise<void> {
  const { dataset, number, comment, text, signal } = options
  const path = `/${number}/comment/${encodeURIComponent(comment)}/edit`
  const body = { content: cutText(text, textLimit) }
  await call(hub, dataset, { method: 'POST', path, body, answer: null, signal })
}

/** Closes a discussion. */
export async function closeDiscussion(hub: Hub, options: DiscussionCall & { number: number }): Promise<void> {
  const { dataset, number, signal } = options
  const body = { status: 'closed' }
  await call(hub, dataset, { method: 'POST', path: `/${number}/status`, body, answer: null, signal })
}

/** Whether two names belong to the same account: the Hub ignores upper and lower case. */
export function isSameAccount(name: string | undefined, other: string): boolean {
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
    throw error instanceof HttpError ? withNextStep(error, { hub, dataset }) : error
  }
}

function urlOf(hub: Hub, dataset: string, number: number): string {
  return `${hub.url}/datasets/${dataset}/discussions/${number}`
}

/** The Hub's words are in the message already; what is added helps whatever the cause is. */
function withNextStep(error: HttpError, { hub, dataset }: { hub: Hub; dataset: string }): HttpError {
  if (error.status >= 500 || error.status < 400) return error
  const off = 'set discussion: off'
  if (error.isLimit) {
    return error.withNextStep(`the Hub limits how many discussions can be opened: wait, or ${off}`)
  }
  const rights =
    `hf-token may not write discussions on ${dataset}: give it the write role or the fine-grained permission ` +
    'discussion.write on the dataset'
  // The owner of a private dataset is not named.
  const owner = "the dataset's organisation"
  const advice = adviseOnHub(error, { hubUrl: hub.url, owner, rights, missing: rights })
  return error.withNextStep(advice === null ? `to go on without, ${off}` : `${advice}, or ${off}`)
}
