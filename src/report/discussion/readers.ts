import type { Outcome, PastRun, ReportContext } from '../../domain/outcome.ts'
import type { Publication, PublishedRun } from '../../domain/publication.ts'
import { mayName, type Visibility } from '../../domain/visibility.ts'
import { withNameableModel } from '../publication/readers.ts'

/** What the people who can read a dataset may know of a training on it. Unknown visibility counts as private. */
export interface DatasetReaders {
  readonly namesBase: boolean
  /** Whether they may know the run's model, its metrics and what it cost. */
  readonly namesModel: boolean
  readonly namesWorkflow: boolean
  /** The outcome without everything that they may not know, but for the names in its recipe. */
  readonly outcome: Outcome
}

/** Decides what a dataset's discussion may say: what is private is left out, before any text is made of it. */
export function datasetReaders(outcome: Outcome, context: ReportContext): DatasetReaders {
  const { datasetVisibility: place, baseVisibility, modelVisibility } = outcome
  const may = (thing: Visibility) => mayName({ place, thing })
  const namesBase = may(baseVisibility)
  const namesModel = may(modelVisibility)
  const namesWorkflow = may(context.repositoryVisibility)
  // A command's page is its workflow run.
  const namesRun = (url: string) => namesWorkflow || !isInRepository(url, context)
  const past = (run: PastRun): PastRun => {
    const isNamed = may(run.modelVisibility)
    const { runUrl } = run
    const linksRun = isNamed && runUrl !== null && namesRun(runUrl)
    return {
      ...run,
      metrics: isNamed ? run.metrics : {},
      unmeasured: isNamed ? (run.unmeasured ?? []) : [],
      model: isNamed ? run.model : null,
      runUrl: linksRun ? runUrl : null,
      cost: isNamed ? run.cost : null,
    }
  }
  const { run, end, plan, baseline, history } = outcome
  const tellsReasons = namesBase && namesModel && namesWorkflow
  // Who has to launch the training needs its link, which names nothing.
  const linksRun = run !== null && (namesModel || run.nextStep !== null) && namesRun(run.url)
  return {
    namesBase,
    namesModel,
    namesWorkflow,
    outcome: {
      ...outcome,
      // A reason may quote the training's log, a URL or a name.
      reason: tellsReasons ? outcome.reason : withoutDetails(outcome),
      publication: readablePublication(outcome, { namesModel, tellsReasons }),
      run: run === null || linksRun ? run : { ...run, url: '' },
      // The price follows from the hardware.
      plan: namesModel ? plan : null,
      end: end === null || namesModel ? end : { ...end, metrics: {}, unmeasured: [], curve: [], cost: null },
      baseline: baseline === null ? null : past(baseline),
      history: history.map(past),
    },
  }
}

/** What is published, with the name, the values and the reasons that the readers may know. */
function readablePublication(
  outcome: Outcome,
  { namesModel, tellsReasons }: { namesModel: boolean; tellsReasons: boolean },
): Publication | null {
  const { publication } = withNameableModel(outcome, { place: outcome.datasetVisibility })
  if (publication === null) return null
  const isNamed = publication.model !== ''
  const metricsOf = (run: PublishedRun | null) =>
    run === null || (isNamed && namesModel) ? run : { ...run, metrics: {} }
  return {
    ...publication,
    reason: isNamed && tellsReasons ? publication.reason : '',
    warnings: isNamed && tellsReasons ? publication.warnings : [],
    gate: isNamed && namesModel ? publication.gate : null,
    now: metricsOf(publication.now),
    replaced: metricsOf(publication.replaced),
    alsoPublished: metricsOf(publication.alsoPublished),
  }
}

function withoutDetails({ verdict }: Outcome): string {
  return verdict === 'cancelled' ? 'The training was cancelled.' : 'The training did not succeed.'
}

function isInRepository(url: string, { workflowUrl }: ReportContext): boolean {
  const [repository = workflowUrl] = workflowUrl.split('/actions/')
  return url.startsWith(repository)
}
