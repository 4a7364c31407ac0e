import { createDiscussion } from '../hub/discussions.ts'
import type { Hub } from '../hub/hub.ts'
import { discussionText } from '../report/discussion.ts'
import type { Outcome, ReportContext } from '../report/outcome.ts'

/** What came of telling the people who watch the dataset. */
export interface Announcement {
  /** The page of the discussion; null when there is none. */
  readonly url: string | null
  /** Why there is none; null when there is one, or none was due. */
  readonly note: string | null
  /** Whether somebody should mend something. */
  readonly isProblem: boolean
}

/**
 * Opens a discussion on a dataset, if the dataset is ours: a webhook may watch anybody's public dataset, and a
 * stranger's page is no place for our messages. It never fails the run, which has started by now.
 *
 * @param options.ownNamespaces gives the namespaces of hf-token's account
 */
export async function announce(options: {
  hub: Hub
  outcome: Outcome
  context: ReportContext
  ownNamespaces: () => Promise<readonly string[]>
  signal: AbortSignal
}): Promise<Announcement> {
  const { hub, outcome, context, ownNamespaces, signal } = options
  const text = discussionText(outcome, context)
  const dataset = outcome.recipe?.inputDataset
  if (text === null || dataset === undefined) return { url: null, note: null, isProblem: false }
  try {
    const owner = dataset.split('/')[0]?.toLowerCase()
    const own = (await ownNamespaces()).map((name) => name.toLowerCase())
    if (owner === undefined || !own.includes(owner)) {
      const note = 'none: the dataset belongs to neither the account of hf-token nor its organisations'
      return { url: null, note, isProblem: false }
    }
    const { url } = await createDiscussion(hub, { dataset, ...text, signal })
    return { url, note: null, isProblem: false }
  } catch (error) {
    const said = error instanceof Error ? error.message : 'unknown cause'
    return { url: null, note: `none: ${said}`, isProblem: true }
  }
}
