import { messageOf } from '../../../domain/error-message.ts'
import { maxTries } from '../../../ledger/publications/publication-log.ts'
import type { Begun } from '../../../ledger/publications/publication-record.ts'
import { CannotPublish } from '../../../publish/refusals.ts'
import { tagPublished } from '../../../publish/tag.ts'
import type { Work } from '../../work.ts'
import { publishedTag } from '../names.ts'

/** How often a tag is tried, and the time between two tries. */
const tagTries = 3
const tagWaitMs = 5000

/**
 * Tags what was published of a run. A tag that cannot be made is a warning, since the model is published; an outage is
 * waited for by the checks that follow.
 *
 * @param options.model what the stable model is called now
 * @returns the tag; null: there is none, and a warning says why
 * @throws HttpError, NoAnswerError or Error where another check is to try it again
 */
export async function tagRun(
  { tools }: Work,
  { begun, model, commit }: { begun: Begun; model: string; commit: string },
): Promise<{ tag: string | null; warnings: string[] }> {
  const tag = publishedTag(begun.from)
  const { hub, signal, clock } = tools
  const message = `Trained on ${begun.from.revision}`
  for (let tries = 1; ; tries += 1) {
    try {
      const made = await tagPublished(hub, { model, tag, commit, message, signal })
      if (made !== 'taken') return { tag, warnings: [] }
      const warning = `The published model has a tag ${tag} at another commit, which was left as it is.`
      return { tag: null, warnings: [warning] }
    } catch (error) {
      signal.throwIfAborted()
      const isGivenUp = tries === tagTries
      // A later check finds the commit, and tags it.
      if (isGivenUp && begun.tries < maxTries && !(error instanceof CannotPublish)) throw error
      if (isGivenUp || error instanceof CannotPublish) {
        return { tag: null, warnings: [`The tag ${tag} could not be made: ${messageOf(error)}`] }
      }
      await clock.sleep(tagWaitMs, signal)
    }
  }
}
