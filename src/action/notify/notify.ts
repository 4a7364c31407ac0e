import { messageOf } from '../../domain/error-message.ts'
import type { ReportContext } from '../../domain/outcome.ts'
import { namespacesOf, readAccount } from '../../hub/account.ts'
import type { Hub } from '../../hub/hub.ts'
import { changeModelCard } from '../../hub/models/card.ts'
import { findModel } from '../../hub/models/models.ts'
import { withLineage } from '../../report/model-card/lineage.ts'
import { logError } from '../../run/log/error-log.ts'
import type { Notifier } from '../../run/work.ts'
import { announce } from './announce.ts'

/** Milliseconds for a notification after a cancel: the runner kills a cancelled step after 7.5 s. */
const cancelledLimitMs = 2_500

/** Creates the notifier that updates the dataset's discussion and the model's card on the Hub. */
export function createNotifier({ hub, report }: { hub: Hub; report: ReportContext }): Notifier {
  /** By dataset: why the Hub refused a discussion. It is asked once in a run, and the warning is given once. */
  const refused = new Map<string, string>()
  const readNamespaces = async (signal: AbortSignal) => namespacesOf(await readAccount(hub, signal))
  return {
    async dataset({ recipe, outcome, log, signal }) {
      if (recipe.discussion === 'off') return { discussionUrl: null, discussionNote: null }
      const known = refused.get(recipe.inputDataset)
      if (known !== undefined) return { discussionUrl: outcome.discussionUrl, discussionNote: known }
      const { url, note, isProblem, isRefused } = await announce({
        hub,
        outcome,
        context: report,
        ownNamespaces: readNamespaces,
        signal: signal.aborted ? AbortSignal.timeout(cancelledLimitMs) : signal,
      })
      if (note !== null && isRefused) refused.set(recipe.inputDataset, note)
      if (note !== null) (isProblem ? log.warning : log.notice)(`Discussion on the dataset: ${note}.`)
      return { discussionUrl: url ?? outcome.discussionUrl, discussionNote: note }
    },
    async model({ recipe, outcome, log, signal }) {
      if (!recipe.modelCard || outcome.project === null) return
      const model = `${recipe.targetNamespace}/${outcome.project}`
      try {
        // A script may push its model to another repository, or push none.
        if ((await findModel(hub, { model, signal })) === null) return
        await changeModelCard(hub, {
          model,
          signal,
          change: (card) => {
            const modelVisibility = card.private ? 'private' : 'public'
            return withLineage(card.text, { outcome, context: report, modelVisibility })
          },
        })
      } catch (error) {
        await logError(log, error)
        log.warning(
          `The card of the model (README.md of ${model}) could not be updated: ${messageOf(error)}.`,
        )
      }
    },
  }
}
