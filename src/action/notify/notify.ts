import { messageOf } from '../../domain/error-message.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { changeModelCard } from '../../hub/models/model-card.ts'
import { modelExists } from '../../hub/models/models.ts'
import { withLineage } from '../../report/model-card/lineage.ts'
import type { Collaborators, Work } from '../../run/work.ts'
import { announce } from './announce.ts'

/** Milliseconds for what is said after the workflow was cancelled: the runner does not wait long. */
const lastWords = 2_500

function signalFor({ signal }: Collaborators): AbortSignal {
  return signal.aborted ? AbortSignal.timeout(lastWords) : signal
}

/**
 * Tells the people who watch the dataset where a run stands. It never fails the run.
 *
 * @param outcome of the run that is spoken of, which need not be this workflow run's
 * @returns the discussion's URL, and why there is none
 */
export async function tellDataset(
  { recipe, tools, log }: Work,
  outcome: Outcome,
): Promise<Pick<Outcome, 'discussionUrl' | 'discussionNote'>> {
  if (recipe.discussion === 'off') return { discussionUrl: null, discussionNote: null }
  const { hub, ownNamespaces, report: context } = tools
  const signal = signalFor(tools)
  const { url, note, isProblem } = await announce({ hub, outcome, context, ownNamespaces, signal })
  if (note !== null) (isProblem ? log.warning : log.notice)(`Discussion on the dataset: ${note}.`)
  return { discussionUrl: url ?? outcome.discussionUrl, discussionNote: note }
}

/** Writes into a trained model's card where the model comes from. It never fails the run. */
export async function tellModel({ recipe, tools, log }: Work, outcome: Outcome): Promise<void> {
  if (!recipe.modelCard || outcome.project === null) return
  const { hub, signal, report: context } = tools
  const model = `${recipe.targetNamespace}/${outcome.project}`
  try {
    // A script of the user's own may push its model elsewhere, or none.
    if (!(await modelExists(hub, { model, signal }))) return
    await changeModelCard(hub, {
      model,
      signal,
      change: (card) => {
        const modelVisibility = card.private ? 'private' : 'public'
        return withLineage(card.text, { outcome, context, modelVisibility })
      },
    })
  } catch (error) {
    const said = messageOf(error)
    log.warning(`The model's card does not say where the model comes from: ${said}.`)
  }
}
