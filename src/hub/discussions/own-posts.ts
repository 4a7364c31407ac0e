import { HttpError, NoAnswerError } from '../../http/errors.ts'
import type { Hub } from '../hub.ts'
import {
  addComment,
  closeDiscussion,
  createDiscussion,
  type DiscussionCall,
  type DiscussionDetails,
  editComment,
  isSame,
  listDiscussions,
  readDiscussion,
} from './discussions.ts'

/** A post that is found again by its author and its marker, which its text begins with. */
export interface OwnPost extends DiscussionCall {
  /** Our own account. */
  readonly author: string
  readonly marker: string
  /** Markdown that begins with the marker. */
  readonly text: string
}

/** A discussion of our own. */
export interface OwnDiscussion extends OwnPost {
  readonly title: string
  /** Whether a closed one counts: `all`; where only open ones do, a new one is opened beside it. */
  readonly status: 'open' | 'all'
  /** The number it probably has; null when nothing is known. */
  readonly probably: number | null
}

/** Discussions that are looked into for the marker: nobody has more of their own on one dataset. */
const maxRead = 30

/**
 * Makes sure that there is one discussion with this marker by us, and that its first post says this. Two that do so
 * at the same time end with one: the younger is closed again.
 *
 * @throws HttpError or NoAnswerError; what was lost on the way is found again by the marker next time
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
  const first = await findDiscussion(hub, { ...wanted, probably: null }).catch((error: unknown) => {
    if (created === null) throw error
    return null
  })
  if (first === null) {
    // It is there, also where the Hub does not show it yet.
    const unread = { title, isOpen: true, comments: [] }
    if (created !== null) {
      const { number } = created
      return readDiscussion(hub, { dataset, number, signal }).catch(() => ({ ...created, ...unread }))
    }
    throw new Error(
      'the Hub did not say whether the discussion was opened, and it cannot be found: the next run looks for it again',
    )
  }
  if (created !== null && first.number < created.number) {
    await closeDiscussion(hub, { dataset, number: created.number, signal })
  }
  return first
}

/**
 * Makes sure that a discussion has one comment with this marker by us, and that it says this.
 *
 * @param discussion as it was read just now
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
  const { dataset, author, title, status, probably, signal } = wanted
  const fits = (details: DiscussionDetails) =>
    details.comments[0] !== undefined &&
    isOurs(details.comments[0], wanted) &&
    (status === 'all' || details.isOpen)
  if (probably !== null) {
    const details = await readDiscussion(hub, { dataset, number: probably, signal }).catch(ifGone)
    if (details !== null && fits(details)) return details
  }
  const listed = (await listDiscussions(hub, { dataset, author, status, signal }).catch(ifGone)) ?? []
  // A person may have given it another title, so that those come after the ones that have ours; the oldest is it.
  const likely = listed.toSorted(
    (a, b) => Number(b.title === title) - Number(a.title === title) || a.number - b.number,
  )
  for (const { number } of likely.slice(0, maxRead)) {
    const details = await readDiscussion(hub, { dataset, number, signal }).catch(ifGone)
    if (details !== null && fits(details)) return details
  }
  return null
}

function isOurs(comment: { author: string; text: string }, { author, marker }: OwnPost): boolean {
  return isSame(comment.author, author) && comment.text.trimStart().startsWith(marker)
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

function ifGone(error: unknown): null {
  if (error instanceof HttpError && error.status === 404) return null
  throw error
}

/** Whether a request may have had its effect although it failed. */
function isUnclear(error: unknown): boolean {
  if (error instanceof HttpError) return error.status >= 500 || error.status < 300
  return error instanceof NoAnswerError && !error.neverSent
}
