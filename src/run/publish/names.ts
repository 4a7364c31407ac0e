import { shortRevision } from '../../domain/revision.ts'
import type { Begun } from '../../ledger/publications/publication-record.ts'
import type { Work } from '../work.ts'

/** An attempt at a revision. */
interface RunName {
  readonly revision: string
  readonly attempt: number
}

/** An attempt, as `publish-revision` takes it: `1d55c3a`, and `1d55c3a-2` for the second attempt. */
export function runName({ revision, attempt }: RunName): string {
  return attempt === 1 ? shortRevision(revision) : `${shortRevision(revision)}-${attempt}`
}

/** The tag of a published run, which loads it: `data-1d55c3a`. */
export function publishedTag(run: RunName): string {
  return `data-${runName(run)}`
}

/** The title of the commit of a publication. */
export function commitTitle({ n, from, byHand }: Begun): string {
  return `Publish ${runName(from)}${byHand ? ' by hand' : ''} (publication ${n})`
}

/**
 * The line by which a publication is found in the stable model's history, whatever the ledger says: it names the attempt by
 * its nonce, because a ledger that was deleted begins to count anew.
 *
 * @param ledger the id of the ledger, so that a copy of the workflow's repository has others
 */
export function trailerOf({ recipe, n, from }: Pick<Begun, 'recipe' | 'n' | 'from'>, ledger: string): string {
  return `${trailerOfRecipe(recipe, ledger)}${n} ${from.nonce}`
}

/** What the trailers of all publications of a recipe begin with. */
export function trailerOfRecipe(recipe: string, ledger: string): string {
  return `Auto-Retrain-Publication: ${recipe} ${ledger} `
}

/** Whether the message of a commit has a line that begins with a trailer. */
export function hasTrailer({ message }: { readonly message: string }, trailer: string): boolean {
  return message.split('\n').some((line) => line.startsWith(trailer))
}

/** Who writes something about a publication, and when: this workflow run, now. */
export function byUs({ tools }: Pick<Work, 'tools'>): Pick<Begun, 'workflow' | 'at'> {
  const { runId, runAttempt, url } = tools.workflow
  return { workflow: { runId, runAttempt, url }, at: new Date(tools.clock.now()).toISOString() }
}
