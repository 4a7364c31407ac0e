import type { Outcome, ReportContext } from '../../domain/outcome.ts'
import { maskPrivate, mayName, namedIn } from '../../domain/visibility.ts'

/** What is known of who may read what. */
interface Known {
  readonly facts: Pick<Outcome, 'recipe' | 'datasetVisibility' | 'baseVisibility'>
  readonly tools: { readonly report: Pick<ReportContext, 'repositoryVisibility'> }
}

/** Whether the workflow's repository may quote what a training or a service prints, which may name and show anything. */
export function mayQuote({ facts, tools }: Known): boolean {
  const place = tools.report.repositoryVisibility
  return namedIn(facts).every(({ visibility: thing }) => mayName({ place, thing }))
}

/** Text for the workflow's repository, without the names that must not stand there. */
export function discreet(text: string, { facts, tools }: Known): string {
  return maskPrivate(text, { place: tools.report.repositoryVisibility, things: namedIn(facts) })
}
