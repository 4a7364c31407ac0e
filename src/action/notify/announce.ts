import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { closeDiscussion } from '../../hub/discussions/discussions.ts'
import { ensureComment, ensureDiscussion, type OwnDiscussion } from '../../hub/discussions/own-posts.ts'
import type { Hub } from '../../hub/hub.ts'
import { discussionText, type Post, runText, threadText } from '../../report/discussion/discussion.ts'

/** What came of telling the people who watch a dataset. */
export interface Announcement {
  /** The discussion; null when there is none. */
  readonly url: string | null
  /** Why there is none, or why it does not say everything; null when all is well, or nothing was to be said. */
  readonly note: string | null
  /** Whether somebody should do something about the note. */
  readonly isProblem: boolean
}

/** What is told, and with what. */
export interface AnnounceOptions {
  readonly hub: Hub
  readonly outcome: Outcome
  readonly context: ReportContext
  /** The namespaces of hf-token's account, its own first. */
  readonly ownNamespaces: (signal: AbortSignal) => Promise<readonly string[]>
  readonly signal: AbortSignal
}

const nothing: Announcement = { url: null, note: null, isProblem: false }

/**
 * Tells the people who watch a dataset where a run stands: called when it began and again when it ended, it leaves
 * one discussion and one word for each run. It speaks only on datasets of our own: a webhook may watch anybody's
 * public dataset, and a stranger's page is no place for our messages. It never throws, because the training goes on.
 *
 * @param options.outcome of a run; its recipe says how (`thread`, `each`) and whether (`off`)
 */
export async function announce(options: AnnounceOptions): Promise<Announcement> {
  const { outcome, context, ownNamespaces } = options
  const { recipe } = outcome
  let url = outcome.discussionUrl
  const opened = (now: string) => {
    url = now
  }
  if (recipe === null || recipe.discussion === 'off' || runText(outcome, context) === null) return nothing
  try {
    const own = await ownNamespaces(options.signal)
    const [account] = own
    const owner = recipe.inputDataset.split('/')[0]?.toLowerCase()
    if (account === undefined || !own.some((name) => name.toLowerCase() === owner)) {
      return {
        ...nothing,
        note: 'none: the dataset belongs to neither the account of hf-token nor its organisations',
      }
    }
    await (recipe.discussion === 'each' ? tellEach : tellThread)(options, account, opened)
    return { ...nothing, url }
  } catch (error) {
    const said = error instanceof Error ? error.message : 'unknown cause'
    const note = url === null ? `none: ${said}` : `not up to date: ${said}`
    return { url, note, isProblem: true }
  }
}

/** Called as soon as the discussion is there, whatever comes after. */
type Opened = (url: string) => void

/** One open discussion for a recipe: its first post is a table of the runs, and each run has a comment. */
async function tellThread(options: AnnounceOptions, author: string, opened: Opened): Promise<void> {
  const { hub, outcome, context } = options
  const first = threadText(outcome, context)
  const run = runText(outcome, context)
  if (first === null || run === null) return
  const thread = await ensureDiscussion(hub, {
    ...own(options, author, first),
    title: first.title,
    status: 'open',
  })
  opened(thread.url)
  await ensureComment(hub, thread, own(options, author, run))
}

/** A discussion for each run, closed when the run is over. */
async function tellEach(options: AnnounceOptions, author: string, opened: Opened): Promise<void> {
  const { hub, outcome, context, signal } = options
  const post = discussionText(outcome, context)
  if (post === null) return
  const discussion = await ensureDiscussion(hub, {
    ...own(options, author, post),
    title: post.title,
    status: 'all',
  })
  const { number, url, isOpen } = discussion
  opened(url)
  if (outcome.verdict !== 'started' && isOpen) {
    await closeDiscussion(hub, { dataset: outcome.recipe?.inputDataset ?? '', number, signal })
  }
}

function own(
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
    likelyNumber: numberIn(outcome.discussionUrl, hub, dataset),
  }
}

/** The number of a discussion whose address was written down; null when it is not one on this dataset. */
function numberIn(url: string | null, hub: Hub, dataset: string): number | null {
  const begin = `${hub.url}/datasets/${dataset}/discussions/`
  const number = url?.startsWith(begin) ? Number(url.slice(begin.length)) : Number.NaN
  return Number.isSafeInteger(number) && number > 0 ? number : null
}
