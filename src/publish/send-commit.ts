import { HttpError } from '../http/errors.ts'
import type { Hub } from '../hub/hub.ts'
import { recentModelCommits } from '../hub/models/commits.ts'
import { type CommitLine, commitToModel, MovedOn } from '../hub/models/publish/raw-commit.ts'

/** How often the commit is sent. */
const maxTries = 3

/** The pause before the second try; the one before the third is twice as long. */
const firstDelayMs = 2000

/** So many commits of others on top of ours are looked through. */
const searchedCommits = 20

/** The commit to make. */
interface OneCommit {
  readonly model: string
  /** No other commit of the model has it. */
  readonly title: string
  readonly description: string
  readonly parent: string
  readonly lines: readonly CommitLine[]
  readonly beforeCommit: () => Promise<void>
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes a commit exactly once. After every failure main is read: a commit with our title is ours, whose answer was
 * lost; another head means that the model moved on; and only with the parent still in its place it is sent again.
 *
 * @returns the sha of the commit
 * @throws MovedOn when main has another head; HttpError when the Hub refuses it; NoAnswerError or Error when it stays
 *   unclear; what `beforeCommit` throws
 */
export async function sendCommit(hub: Hub, options: OneCommit): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    await options.beforeCommit()
    try {
      return await commitToModel(hub, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      const made = await findMade(hub, { ...options, error })
      if (made !== null) return made
      if (tries === maxTries || !isUnclear(error)) throw error
      await hub.clock.sleep(firstDelayMs * tries, options.signal)
    }
  }
}

/** A refusal is clear: the Hub made nothing. */
function isUnclear(error: unknown): boolean {
  if (error instanceof MovedOn) return false
  return !(error instanceof HttpError) || error.status >= 500 || error.status === 408
}

/** Null when main is still at the parent, or cannot be read by this token. */
async function findMade(
  hub: Hub,
  { model, title, description, parent, error, signal }: OneCommit & { error: unknown },
): Promise<string | null> {
  const commits = await recentModelCommits(hub, { model, limit: searchedCommits, signal }).catch(
    (problem: unknown) => {
      // The first error says more, unless it leaves open whether the commit was made.
      throw isUnclear(error) ? problem : error
    },
  )
  const above = commits.slice(0, positionOf(commits, parent))
  const made = above.find((commit) => commit.title === title && commit.message.includes(description))
  if (made !== undefined) return made.id
  if (error instanceof MovedOn) throw error
  if (above.length === 0) return null
  throw new MovedOn(`${model} got another commit in between.`, { cause: error })
}

/** All of them where the parent is too far back, or no longer in the history. */
function positionOf(commits: readonly { id: string }[], parent: string): number {
  const index = commits.findIndex(({ id }) => id === parent)
  return index === -1 ? commits.length : index
}
