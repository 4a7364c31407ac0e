import { Refused } from '../../domain/verdict.ts'
import type { DatasetAt } from '../../hub/datasets.ts'
import { isRerunOf } from '../../ledger/decide.ts'
import type { LedgerKeys, RecipeLedger } from '../../ledger/ledger.ts'
import { hasEnded, linkOf } from '../../ledger/record.ts'
import { readBaseModel } from '../base-model.ts'
import { closeOpenRecords } from '../close/close.ts'
import { askAhead } from '../plan/ahead.ts'
import { noteStanding } from '../publish/describe.ts'
import { publishLeft } from '../publish/publish-left.ts'
import { ledgerKeys, mayNameDataset, underName, type Work } from '../work.ts'
import { type Confirmed, confirmRevision, findHead } from './confirm.ts'
import { decideNext, type Next, readHistory } from './decide-next.ts'
import { runsTheSame } from './other-params.ts'
import { checkEvent, notForUs, readWanted } from './wanted.ts'

/** A revision that is worth a run, or has one that is ours to follow or to report. */
export interface Checked {
  readonly work: Work
  readonly ledger: RecipeLedger
  readonly confirmed: Confirmed
  readonly next: Next
}

/**
 * Finds out whether a revision is to be trained, before anything is spent: what the Hub's branch holds, and what the
 * ledger knows.
 *
 * @throws Skipped when there is rightly nothing to do; Refused when the configuration needs a fix
 */
export async function checkForWork(given: Work): Promise<Checked> {
  checkEvent(given)
  const { steps, tools } = given
  const { head, ledger } = await steps.run('Check the dataset and the ledger', () => readWorld(given))
  const isRenamed = !(head instanceof Error) && head.name !== given.recipe.inputDataset
  const work = isRenamed ? renamed(given, head) : given
  const own = await ownRerun(work, ledger)
  if (own !== null) return own
  if (head instanceof Error) throw await afterClosing(work, ledger, head)
  const wanted = readWanted(work, head)
  const { hub, signal } = tools
  const confirmed = await steps.run('Confirm the revision', () =>
    confirmRevision({ hub, recipe: work.recipe, wanted, head, signal }),
  )
  work.facts.revision = confirmed.revision
  work.facts.datasetVisibility = confirmed.visibility
  const known = work.known
  known.confirmed = confirmed
  const next = await steps.run('Decide by the ledger', () => decideNext(work, { ledger, confirmed }))
  return { work, ledger, confirmed, next }
}

/** A dataset that cannot be read now, or is gone, has runs all the same: they are closed as ever. */
async function afterClosing(work: Work, ledger: RecipeLedger, error: Error): Promise<Error> {
  if (work.request.dryRun) return error
  const recent = await ledger.recent()
  const open = recent.filter(({ record }) => !hasEnded(record))
  const { changed } = await closeOpenRecords(work, ledger, open)
  await noteStanding(work)
  await publishLeft(
    work,
    ledger,
    recent.map((entry) => changed.get(entry.ref) ?? entry),
  )
  return error
}

/** What the Hub and the ledger have; an error in place of the head where the Hub does not show it. */
async function readWorld(work: Work): Promise<{ head: DatasetAt | Error; ledger: RecipeLedger }> {
  const { tools, recipe, facts } = work
  const { hub, signal } = tools
  const keys = await ledgerKeys(work)
  tools.ledger.askSeen(keys)
  const [head, ledger, base] = await Promise.all([
    findHead(hub, { recipe, signal }).catch((error: unknown) => headMissing(work, error)),
    tools.ledger.recipe(keys),
    readBaseModel(hub, { model: recipe.inputModel, signal }),
  ])
  const headId = head instanceof Error ? null : head.id
  if (!(head instanceof Error)) {
    facts.datasetVisibility = head.visibility
    await askAhead(work, { head, ledger })
  }
  facts.baseVisibility = base.visibility
  work.known.baseModel = base
  const before = await ledgerBeforeRename(work, { keys, ledger, datasetId: headId })
  if (before === null && ledger.isEmpty && headId !== null) {
    await warnOfLeft(work, { keys, datasetId: headId })
  }
  work.known.ledger = before ?? ledger
  return { head, ledger: before ?? ledger }
}

/** An edit that makes it another recipe gives it another key, under which no check asks about what runs under the old one. */
async function warnOfLeft(
  { tools, log }: Work,
  { keys, datasetId }: { keys: LedgerKeys; datasetId: string },
): Promise<void> {
  for (const record of await tools.ledger.leftOpen(keys, datasetId)) {
    log.warning(
      `Another recipe with this dataset, namespace and prefix has a training that may be running: ${linkOf(record)}. ` +
        'If it is this recipe before its last edit, no check asks about that training any more: see on its page how ' +
        'it ends, or cancel it there.',
    )
  }
}

/** An event about another dataset is not for this recipe, also where the recipe's own dataset is gone. */
function headMissing({ recipe, request, tools }: Work, error: unknown): Error {
  tools.signal.throwIfAborted()
  if (!(error instanceof Error)) throw error
  const { event } = request
  if (event === null || event.repo.name === recipe.inputDataset || !(error instanceof Refused)) return error
  throw notForUs(event, 'this dataset is not watched')
}

/** Works under the name that the dataset has today, and warns: the Hub redirects from the old one; events carry the new one. */
export function renamed(work: Work, head: DatasetAt): Work {
  const now = underName(work, head.name)
  work.log.warning(
    mayNameDataset(work)
      ? `The dataset ${work.recipe.inputDataset} is called ${head.name} now: set input-dataset to that name, and the ` +
          "relay's INPUT_DATASET or RELAY_ROUTES."
      : "The dataset was renamed: set input-dataset to its new name, and the relay's INPUT_DATASET or RELAY_ROUTES.",
  )
  return now
}

/**
 * The ledger under the key that a recipe had before its dataset was renamed, where it has no records under its own. That
 * is written into the ledger, so a dry run does not look.
 *
 * @returns null where there is none
 * @throws Refused, HttpError or NoAnswerError when the ledger cannot be read or written
 */
export async function ledgerBeforeRename(
  { tools, request, log }: Work,
  { keys, ledger, datasetId }: { keys: LedgerKeys; ledger: RecipeLedger; datasetId: string | null },
): Promise<RecipeLedger | null> {
  if (!ledger.isEmpty || datasetId === null || request.dryRun) return null
  const before = await tools.ledger.beforeRename(keys, datasetId)
  if (before !== null) {
    log.notice('The dataset was renamed: the ledger goes on under the key that it had before.')
  }
  return before
}

/**
 * "Re-run jobs" asks the ledger before the head: what this workflow run trained is followed or reported. What another
 * leg of its matrix trained, with other params, is not this one's.
 */
async function ownRerun(work: Work, ledger: RecipeLedger): Promise<Checked | null> {
  const { workflow } = work.tools
  if (workflow.runAttempt === 1 || work.request.dryRun || ledger.isEmpty) return null
  const entry = (await ledger.recent()).find(
    ({ record }) => isRerunOf({ last: record, workflow }) && runsTheSame(work, record),
  )
  if (entry === undefined) return null
  const { record } = entry
  const isOurs = record.state !== 'failed' && record.state !== 'cancelled' && record.state !== 'claimed'
  if (!isOurs) return null
  const { facts, recipe } = work
  facts.revision = record.revision
  await noteStanding(work)
  await readHistory(work, ledger)
  const confirmed: Confirmed = {
    revision: record.revision,
    visibility: facts.datasetVisibility,
    isGated: null,
    id: record.dataset?.id ?? null,
    name: recipe.inputDataset,
    isHead: false,
  }
  const { changed } = await closeOpenRecords(work, ledger, [entry])
  const current = changed.get(entry.ref) ?? entry
  // What its infrastructure ended is trained again: a person asked for it.
  if (current.record.cause === 'infrastructure' && hasEnded(current.record)) return null
  return {
    work,
    ledger,
    confirmed,
    next: { do: hasEnded(current.record) ? 'report' : 'attach', entry: current },
  }
}
