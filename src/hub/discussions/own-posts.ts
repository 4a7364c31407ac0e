import { HttpError, NoAnswerError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'
import {
  addComment,
  closeDiscussion,
  createDiscussion,
  type DiscussionCall,
  type DiscussionDetails,
  editComment,
  isSameAccount,
  listDiscussions,
  readDiscussion,
} from './discussions.ts'

/** A post of the token's account. It is found again by its author and by the marker at the start of its text. */
export interface OwnPost extends DiscussionCall {
  /** The account of the token. */
  readonly author: string
  readonly marker: string
  /** Markdown that begins with the marker. */
  readonly text: string
}

/** A discussion of the token's account. */
export interface OwnDiscussion extends OwnPost {
  readonly title: string
  /** `all` also reuses a closed discussion; with `open`, a new one is opened beside it. */
  readonly status: 'open' | 'all'
  /** The number it had in an earlier run; null when unknown. Only a hint. */
  readonly likelyNumber: number | null
}

/** How many discussions are searched for the marker, which limits the requests of one run. */
const maxRead = 30

/**
 * Makes sure that exactly one discussion with this marker exists, and that its first post has this text. When two runs
 * create one at the same time, the newer one is closed.
 *
 * @throws HttpError or NoAnswerError; the next run finds a discussion whose answer was lost by its marker
 */
export async function ensureDiscussion(hub: Hub, wanted: OwnDiscussion): Promise<DiscussionDetails> {
  const found = await findDiscussion(hub, wanted)
  if (found !== null) {
    await ensureText(hub, { ...wanted, number: found.number }, found.comments[0])
    return found
  }
  const { dataset, title, text, signal } = wanted
  const created = await createDiscussion(hub, { dataset, title, description: text, signal }).catch(
    (error: unknown) => {
      if (!isUnclear(error)) throw error
      return null
    },
  )
  const first = await findDiscussion(hub, { ...wanted, likelyNumber: null }).catch((error: unknown) => {
    if (created === null) throw error
    return null
  })
  if (first === null) {
    // It exists, even if the Hub does not list it yet.
    const unread = { title, isOpen: true, comments: [] }
    if (created !== null) {
      const { number } = created
      return readDiscussion(hub, { dataset, number, signal }).catch(() => ({ ...created, ...unread }))
    }
    throw new Error(
      'the Hub gave no clear answer when opening the discussion and does not list it: the next run looks for it again',
    )
  }
  if (created !== null && first.number < created.number) {
    await closeDiscussion(hub, { dataset, number: created.number, signal })
  }
  return first
}

/**
 * Makes sure that a discussion has one comment with this marker, with this text.
 *
 * @param discussion as read just before
 */
export async function ensureComment(hub: Hub, discussion: DiscussionDetails, wanted: OwnPost): Promise<void> {
  const { dataset, text, signal } = wanted
  const { number } = discussion
  const present = discussion.comments.slice(1).find((comment) => isOurs(comment, wanted))
  if (present !== undefined) return ensureText(hub, { ...wanted, number }, present)
  try {
    await addComment(hub, { dataset, number, text, signal })
  } catch (error) {
    if (!isUnclear(error)) throw error
    const now = await readDiscussion(hub, { dataset, number, signal })
    if (!now.comments.some((comment) => isOurs(comment, wanted))) throw error
  }
}

async function findDiscussion(hub: Hub, wanted: OwnDiscussion): Promise<DiscussionDetails | null> {
  const { dataset, author, title, status, likelyNumber, signal } = wanted
  const matches = (details: DiscussionDetails) =>
    details.comments[0] !== undefined &&
    isOurs(details.comments[0], wanted) &&
    (status === 'all' || details.isOpen)
  if (likelyNumber !== null) {
    const details = await readDiscussion(hub, { dataset, number: likelyNumber, signal }).catch(ifMissing)
    if (details !== null && matches(details)) return details
  }
  const listed = (await listDiscussions(hub, { dataset, author, status, signal }).catch(ifMissing)) ?? []
  // The title may have been edited, so the same title comes first; of several, the oldest counts.
  const candidates = listed.toSorted(
    (a, b) => Number(b.title === title) - Number(a.title === title) || a.number - b.number,
  )
  for (const { number } of candidates.slice(0, maxRead)) {
    const details = await readDiscussion(hub, { dataset, number, signal }).catch(ifMissing)
    if (details !== null && matches(details)) return details
  }
  return null
}

function isOurs(comment: { author: string; text: string }, { author, marker }: OwnPost): boolean {
  return isSameAccount(comment.author, author) && comment.text.trimStart().startsWith(marker)
}

async function ensureText(
  hub: Hub,
  wanted: OwnPost & { number: number },
  comment: { id: string; text: string } | undefined,
): Promise<void> {
  const { dataset, number, text, signal } = wanted
  if (comment === undefined || comment.text.trim() === text.trim()) return
  await editComment(hub, { dataset, number, comment: comment.id, text, signal })
}

function ifMissing(error: unknown): null {
  if (error instanceof HttpError && error.status === 404) return null
  throw error
}

/** Whether a failed request may have been carried out. */
function isUnclear(error: unknown): boolean {
  if (error instanceof HttpError) return error.status >= 500 || error.status < 300
  return error instanceof NoAnswerError && !error.neverSent
}
