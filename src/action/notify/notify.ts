import { messageOf } from '../../domain/error-message.ts'
import type { ReportContext } from '../../domain/outcome.ts'
import { ownNamespaces } from '../../hub/account.ts'
import type { Hub } from '../../hub/hub.ts'
import { changeModelCard } from '../../hub/models/model-card.ts'
import { modelExists } from '../../hub/models/models.ts'
import { withLineage } from '../../report/model-card/lineage.ts'
import { logError } from '../../run/log/error-log.ts'
import type { Notifier } from '../../run/work.ts'
import { announce } from './announce.ts'

/** The time for messages after the workflow was cancelled: the runner gives a cancelled step 7.5 s in all. */
const afterCancelMs = 2_500

/** Updates the dataset's discussion and the model's card on the Hub. */
export function createNotifier({ hub, report }: { hub: Hub; report: ReportContext }): Notifier {
  let namespaces: readonly string[] | undefined
  const readNamespaces = async (signal: AbortSignal) => {
    namespaces ??= await ownNamespaces(hub, signal)
    return namespaces
  }
  return {
    async dataset({ recipe, outcome, log, signal }) {
      if (recipe.discussion === 'off') return { discussionUrl: null, discussionNote: null }
      const { url, note, isProblem } = await announce({
        hub,
        outcome,
        context: report,
        ownNamespaces: readNamespaces,
        signal: signal.aborted ? AbortSignal.timeout(afterCancelMs) : signal,
      })
      if (note !== null) (isProblem ? log.warning : log.notice)(`Discussion on the dataset: ${note}.`)
      return { discussionUrl: url ?? outcome.discussionUrl, discussionNote: note }
    },
    async model({ recipe, outcome, log, signal }) {
      if (!recipe.modelCard || outcome.project === null) return
      const model = `${recipe.targetNamespace}/${outcome.project}`
      try {
        // A user's own script may push its model elsewhere, or push none.
        if (!(await modelExists(hub, { model, signal }))) return
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
        log.warning(`Could not add the model's origin to its card: ${messageOf(error)}.`)
      }
    },
  }
}
