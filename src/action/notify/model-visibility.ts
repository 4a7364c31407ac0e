import type { Outcome } from '../../domain/outcome.ts'
import type { Visibility } from '../../domain/visibility.ts'
import type { Hub } from '../../hub/hub.ts'
import { findModel } from '../../hub/models/models.ts'

/**
 * Asks the Hub who can read the models that a discussion may name: the run's own and those of earlier runs. A model
 * that is gone, or that the Hub does not show, stays `unknown`, which counts as private.
 */
export async function withModelVisibility(
  outcome: Outcome,
  { hub, signal }: { hub: Hub; signal: AbortSignal },
): Promise<Outcome> {
  // Who can read a private dataset may know the rest.
  if (outcome.datasetVisibility === 'private') return outcome
  const { recipe, project, baseline, history } = outcome
  const own = recipe === null || project === null ? null : `${recipe.targetNamespace}/${project}`
  const past = baseline === null ? history : [baseline, ...history]
  const names = [own, ...past.map(({ model }) => model)].filter((name) => name !== null)
  const found = new Map<string, Visibility>()
  await Promise.all(
    [...new Set(names)].map(async (model) => {
      const at = await findModel(hub, { model, signal }).catch(() => null)
      found.set(model, at?.visibility ?? 'unknown')
    }),
  )
  const visibilityOf = (model: string | null) => (model === null ? undefined : found.get(model)) ?? 'unknown'
  const seen = <T extends { readonly model: string | null }>(run: T) => ({
    ...run,
    modelVisibility: visibilityOf(run.model),
  })
  return {
    ...outcome,
    modelVisibility: visibilityOf(own),
    baseline: baseline === null ? null : seen(baseline),
    history: history.map(seen),
  }
}
