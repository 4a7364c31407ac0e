import { createDiscussion, type Discussion } from '../hub/discussions.ts'
import type { Hub } from '../hub/hub.ts'
import type { DiscussionText } from '../report/discussion.ts'

/** What came of a discussion: the discussion, or why there is none. */
export type Announcement = { discussion: Discussion } | { note: string; isProblem: boolean }

/**
 * Opens a discussion on a dataset, if the dataset is ours: a webhook may watch anybody's public dataset, and a
 * stranger's page is no place for our messages. It never fails the run, which has started by now.
 *
 * @param options.ownNamespaces gives the namespaces of hf-token's account
 */
export async function announce(options: {
  hub: Hub
  dataset: string
  text: DiscussionText
  ownNamespaces: () => Promise<readonly string[]>
  signal: AbortSignal
}): Promise<Announcement> {
  const { hub, dataset, text, ownNamespaces, signal } = options
  try {
    const owner = dataset.split('/')[0]?.toLowerCase()
    const own = (await ownNamespaces()).map((name) => name.toLowerCase())
    if (owner === undefined || !own.includes(owner)) {
      return {
        note: 'none: the dataset belongs to neither the account of hf-token nor its organisations',
        isProblem: false,
      }
    }
    return { discussion: await createDiscussion(hub, { dataset, ...text, signal }) }
  } catch (error) {
    return { note: `none: ${error instanceof Error ? error.message : 'unknown cause'}`, isProblem: true }
  }
}
