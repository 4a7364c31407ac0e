import { messageOf } from '../../domain/error-message.ts'
import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { HttpError } from '../../http/errors.ts'
import { closeDiscussion } from '../../hub/discussions/discussions.ts'
import { ensureComment, ensureDiscussion, type OwnDiscussion } from '../../hub/discussions/own-posts.ts'
import type { Hub } from '../../hub/hub.ts'
import { discussionText, type Post, runText, threadText } from '../../report/discussion/discussion.ts'
import { withModelVisibility } from './model-visibility.ts'

/** The result of an announcement on a dataset. */
export interface Announcement {
  /** The discussion; null when there is none. */
  readonly url: string | null
  /** Why there is none, or why it is not up to date; null when nothing went wrong. */
  readonly note: string | null
  /** Whether the note names a problem to fix. */
  readonly isProblem: boolean
  /** Whether the Hub refused it: it will not be otherwise before a person changes something. */
  readonly isRefused: boolean
}

interface AnnounceOptions {
  readonly hub: Hub
  readonly outcome: Outcome
  readonly context: ReportContext
  /** The namespaces of hf-token's account, its own first. */
  readonly ownNamespaces: (signal: AbortSignal) => Promise<readonly string[]>
  readonly signal: AbortSignal
}

const noAnnouncement: Announcement = { url: null, note: null, isProblem: false, isRefused: false }

/** Nothing can be written on the dataset, not just one text. */
const refusals = [401, 403, 404, 410, 423, 451]

/**
 * Announces the state of a run to the people who watch its dataset. Call it at the start of the run and again at its
 * end: there is one discussion and one post for each run. It posts only on datasets of the account and its
 * organisations, since a webhook can watch any public dataset. It never throws, because the training continues.
 *
 * @param options.outcome the run; its recipe's `discussion` is `thread`, `each` or `off`
 */
export async function announce(options: AnnounceOptions): Promise<Announcement> {
  const { outcome, context, ownNamespaces } = options
  const { recipe } = outcome
  let url = outcome.discussionUrl
  const onOpened = (opened: string) => {
    url = opened
  }
  if (recipe === null || recipe.discussion === 'off' || runText(outcome, context) === null)
    return noAnnouncement
  try {
    const namespaces = await ownNamespaces(options.signal)
    const [account] = namespaces
    const owner = recipe.inputDataset.split('/')[0]?.toLowerCase()
    if (account === undefined || !namespaces.some((name) => name.toLowerCase() === owner)) {
      return {
        ...noAnnouncement,
        note: 'none: the dataset belongs to neither the account of hf-token nor its organisations',
      }
    }
    const known = { ...options, outcome: await withModelVisibility(outcome, options) }
    await (recipe.discussion === 'each' ? updateRunDiscussion : updateThread)(known, account, onOpened)
    return { ...noAnnouncement, url }
  } catch (error) {
    const message = messageOf(error)
    const note = url === null ? `none: ${message}` : `not up to date: ${message}`
    const isRefused = error instanceof HttpError && !error.isLimit && refusals.includes(error.status)
    return { url, note, isProblem: true, isRefused }
  }
}

/** Called with the URL as soon as the discussion exists. */
type OnOpened = (url: string) => void

/** Updates the recipe's one open discussion: its first post has a table of the runs, and each run has a comment. */
async function updateThread(options: AnnounceOptions, author: string, onOpened: OnOpened): Promise<void> {
  const { hub, outcome, context } = options
  const first = threadText(outcome, context)
  const run = runText(outcome, context)
  if (first === null || run === null) return
  const thread = await ensureDiscussion(hub, {
    ...ownPost(options, author, first),
    title: first.title,
    status: 'open',
  })
  onOpened(thread.url)
  await ensureComment(hub, thread, ownPost(options, author, run))
}

/** Updates the discussion of one run, which is closed at the end of the run. */
async function updateRunDiscussion(
  options: AnnounceOptions,
  author: string,
  onOpened: OnOpened,
): Promise<void> {
  const { hub, outcome, context, signal } = options
  const post = discussionText(outcome, context)
  if (post === null) return
  const discussion = await ensureDiscussion(hub, {
    ...ownPost(options, author, post),
    title: post.title,
    status: 'all',
  })
  const { number, url, isOpen } = discussion
  onOpened(url)
  if (outcome.verdict !== 'started' && isOpen) {
    await closeDiscussion(hub, { dataset: outcome.recipe?.inputDataset ?? '', number, signal })
  }
}

function ownPost(
  { outcome, hub, signal }: AnnounceOptions,
  author: string,
  { marker, text }: Post,
): Omit<OwnDiscussion, 'title' | 'status'> {
  const dataset = outcome.recipe?.inputDataset ?? ''
  return {
    dataset,
    author,
    marker,
    text,
    signal,
    likelyNumber: discussionNumber(outcome.discussionUrl, hub, dataset),
  }
}

/** The number in the URL of a discussion; null when the URL is not one of this dataset. */
function discussionNumber(url: string | null, hub: Hub, dataset: string): number | null {
  const begin = `${hub.url}/datasets/${dataset}/discussions/`
  const number = url?.startsWith(begin) ? Number(url.slice(begin.length)) : Number.NaN
  return Number.isSafeInteger(number) && number > 0 ? number : null
}
