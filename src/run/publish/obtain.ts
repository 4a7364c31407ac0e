import type { RecipeLedger } from '../../ledger/ledger.ts'
import { isLeft, openPublication, type PublicationLog } from '../../ledger/publications/publication-log.ts'
import type { Begun, PublicationEntry } from '../../ledger/publications/publication-record.ts'
import type { Work } from '../work.ts'
import { byUs } from './names.ts'

/** How long to wait for another workflow run's publication, and the time between two looks. */
const waitMs = 60_000
const pollMs = 5000

/** A publication is begun with a create-only ref, which another may have created first: how often that is met. */
const maxRaces = 20

/** Whose turn it is to publish. */
export type Obtained =
  /** The publication is this workflow run's. */
  | { readonly is: 'ours'; readonly begun: Begun }
  /** It has ended before. */
  | { readonly is: 'ended'; readonly entry: PublicationEntry }
  /** Another workflow run publishes now. */
  | { readonly is: 'busy' }

/** What is to be published. */
export interface Wish {
  /** Its publication, where one was begun or ended before. */
  find(log: PublicationLog): PublicationEntry | null
  begin(n: number): Begun
}

/**
 * Obtains the right to publish: one publication of a recipe is open at a time. One that was left without an end is
 * finished first.
 *
 * @param finish carries out a publication that this workflow run took over from another
 * @throws UnreadableRecord, Refused, HttpError or NoAnswerError when the ledger cannot be read or written
 */
export async function obtain(
  { tools }: Pick<Work, 'tools'>,
  { ledger, wish, finish }: { ledger: RecipeLedger; wish: Wish; finish: (begun: Begun) => Promise<unknown> },
): Promise<Obtained> {
  const { clock, signal, workflow } = tools
  const { publications } = ledger
  const end = clock.now() + waitMs
  for (let races = 0; races < maxRaces; races += 1) {
    signal.throwIfAborted()
    const log = await publications.readAgain()
    const own = wish.find(log)
    if (own !== null && own.done !== null) return { is: 'ended', entry: own }
    const open = openPublication(log)
    if (open === null) {
      const begun = wish.begin(log.next)
      if (await publications.begin(begun)) return { is: 'ours', begun }
      continue
    }
    if (isLeft(open, { workflow, now: clock.now() })) {
      const again = takenOver(open.begun, { tools })
      if (!(await publications.begin(again))) continue
      if (open.n === own?.n) return { is: 'ours', begun: again }
      await finish(again)
      continue
    }
    // What this workflow run began itself, and did not end, is left to a later check.
    if (clock.now() >= end || isOwn(open, workflow)) return { is: 'busy' }
    await clock.sleep(pollMs)
  }
  return { is: 'busy' }
}

/**
 * Finishes a publication that was begun and left without an end, where there is one.
 *
 * @returns what `finish` returned; null where there was nothing to finish
 * @throws UnreadableRecord, Refused, HttpError or NoAnswerError when the ledger cannot be read or written
 */
export async function finishLeft<T>(
  { tools }: Pick<Work, 'tools'>,
  { ledger, finish }: { ledger: RecipeLedger; finish: (begun: Begun) => Promise<T> },
): Promise<T | null> {
  const { publications } = ledger
  const { workflow, clock } = tools
  const open = openPublication(await publications.read())
  if (open === null || !isLeft(open, { workflow, now: clock.now() })) return null
  const again = takenOver(open.begun, { tools })
  return (await publications.begin(again)) ? await finish(again) : null
}

function isOwn({ begun }: PublicationEntry, { runId, runAttempt }: Work['tools']['workflow']): boolean {
  return begun.workflow.runId === runId && begun.workflow.runAttempt === runAttempt
}

/** The same publication as this workflow run's next try. */
function takenOver(begun: Begun, { tools }: Pick<Work, 'tools'>): Begun {
  return { ...begun, tries: begun.tries + 1, ...byUs({ tools }) }
}
