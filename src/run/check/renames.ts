import type { DatasetAt } from '../../hub/datasets.ts'
import type { LedgerKeys, RecipeLedger } from '../../ledger/ledger.ts'
import { mayNameDataset, underName, type Work } from '../work.ts'

/**
 * The work under the name that its dataset has today, with a warning where that is another one: the Hub redirects from
 * the old name, and events carry the new one.
 */
export function underNameOf(work: Work, head: DatasetAt): Work {
  if (head.name === work.recipe.inputDataset) return work
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
