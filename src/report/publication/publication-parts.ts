import { compareGate } from '../../domain/metrics/gate.ts'
import { ownMetrics } from '../../domain/metrics/published-metrics.ts'
import type { Outcome } from '../../domain/outcome.ts'
import type { Gate, Publication, PublishedRun } from '../../domain/publication.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { shortRevision } from '../../domain/revision.ts'
import { formatMetric, formatTime } from '../../domain/text/format.ts'
import { isOwnPublication } from '../headline.ts'
import { modelLink } from '../markdown/links.ts'
import { code, link, plain } from '../markdown/markdown.ts'
import { mainMetric } from '../metrics/metrics.ts'

/** What the texts need to know of their place. */
interface PartOptions {
  readonly hubUrl: string
  /** Hides what the readers may not know. */
  readonly mask: (text: string) => string
}

/**
 * Says why a model was not published, what is published now and since when, what it replaced and how to go back.
 *
 * @param outcome without the model's name where its readers may not know it
 * @returns Markdown parts; none for a recipe that does not publish
 */
export function publicationParts(outcome: Outcome, options: PartOptions): string[] {
  const { publication } = outcome
  if (publication === null) return []
  return [
    endPart(outcome, publication, options),
    alsoPart(publication),
    [publishedNow(outcome, options), wayBack(outcome)].filter((part) => part !== '').join(' '),
    ...publication.warnings.map((warning) => `⚠️ ${plain(options.mask(warning), 1000)}`),
  ].filter((part) => part !== '')
}

/**
 * Says what people load now under the stable name.
 *
 * @returns one line of Markdown; empty for a recipe that does not publish
 */
export function publishedNow(
  { publication, recipe }: Outcome,
  { hubUrl }: Pick<PartOptions, 'hubUrl'>,
): string {
  if (publication === null) return ''
  const { now, model, replaced, end } = publication
  const name = model === '' ? '' : modelLink(hubUrl, model)
  if (now === null) {
    return name === '' ? '📌 Nothing is published yet.' : `📌 Nothing is published as ${name} yet.`
  }
  const facts = [
    `📌 **Published now:** ${name === '' ? '' : `${name} is `}${runName(now)}`,
    now.tag === null ? '' : `tag ${tagLink(now.tag, { hubUrl, model })}`,
    `since ${formatTime(now.at)}`,
    metricText(now, recipe),
  ]
  const before = end === 'published' && replaced !== null ? ` It replaced ${runName(replaced)}.` : ''
  return `${facts.filter((fact) => fact !== '').join(', ')}.${before}`
}

/**
 * What comes of a model that was not published, by itself and by a person.
 *
 * @returns sentences of Markdown; null where there is nothing to say
 */
export function afterPublication({ publication, recipe }: Pick<Outcome, 'publication' | 'recipe'>): {
  byItself: string | null
  toDo: string | null
} {
  if (publication?.end === 'due') return { byItself: 'the next check publishes the model.', toDo: null }
  if (publication === null || publication.byHand) return { byItself: null, toDo: null }
  const { end, run, gate, now } = publication
  if ((end !== 'held' && end !== 'superseded') || run === null) return { byItself: null, toDo: null }
  const revision = revisionInput(run, { isRepeated: now?.revision === run.revision })
  const isOverruled = end === 'superseded' || (gate !== null && recipe !== null && holdsBack(gate, recipe))
  const toDo = isOverruled
    ? `Run workflow with ${revision} publishes it all the same.`
    : `first what the reason says; then Run workflow with ${revision} publishes it.`
  return { byItself: null, toDo }
}

/** A person overrules the comparison, and nothing else. */
function holdsBack(gate: Gate, { compareMetric, minImprovement }: Recipe): boolean {
  if (compareMetric === null) return false
  const compared = compareGate(gate, { compareMetric, minImprovement })
  return gate.value === null || (gate.baseline !== null && compared?.improved !== true)
}

function endPart(outcome: Outcome, publication: Publication, { mask }: PartOptions): string {
  const { reason } = outcome
  const { end, run, reason: why, gate } = publication
  if (end === null || run === null) return ''
  // The judgement of the training says it, with the same numbers.
  if (end === 'published' && gate !== null && isOwnPublication(outcome)) return ''
  // A publication by hand has the same reason as its outcome.
  const said = why === '' || reason.includes(why) ? '' : plain(mask(why), 2000)
  if (end === 'published') return said
  const label = end === 'due' ? 'Not published yet:' : 'Not published:'
  return said === '' ? '' : `**${label}** ${said}`
}

/** What was published, where it is not the run that the outcome is about. */
function alsoPart({ alsoPublished }: Publication): string {
  return alsoPublished === null
    ? ''
    : `✅ This workflow run published ${runName(alsoPublished)}, the model of another training.`
}

/** How to undo a publication, and what undoes a publication by hand. */
function wayBack({ publication, recipe }: Outcome): string {
  if (publication === null || publication.end !== 'published') return ''
  const { replaced, now, byHand } = publication
  const isRepeated = replaced !== null && replaced.revision === now?.revision
  const parts = [
    replaced === null ? '' : `To go back: Run workflow with ${revisionInput(replaced, { isRepeated })}.`,
    byHand && recipe?.compareMetric === null
      ? `Without ${code('compare-metric')}, the next success replaces it.`
      : '',
  ]
  return parts.filter((part) => part !== '').join(' ')
}

/**
 * A revision alone means its newest success.
 *
 * @param options.isRepeated whether another attempt at the same revision has to be told apart
 */
function revisionInput(
  { revision, attempt }: Pick<PublishedRun, 'revision' | 'attempt'>,
  { isRepeated }: { isRepeated: boolean },
): string {
  const which = attempt > 1 || isRepeated ? `-${attempt}` : ''
  return code(`publish-revision: ${shortRevision(revision)}${which}`)
}

function runName({ revision, attempt }: PublishedRun): string {
  return `${code(shortRevision(revision))}${attempt > 1 ? ` (attempt ${attempt})` : ''}`
}

function tagLink(tag: string, { hubUrl, model }: { hubUrl: string; model: string }): string {
  return model === ''
    ? code(tag)
    : link(code(tag), `${hubUrl}/${model}/tree/${encodeURIComponent(tag.toWellFormed())}`)
}

function metricText({ metrics }: PublishedRun, recipe: Outcome['recipe']): string {
  const run = ownMetrics({ metrics }, { publishes: true })
  const name = mainMetric({ compareMetric: recipe?.compareMetric ?? null, runs: [run] })
  const value = name === null ? undefined : run.metrics[name]
  return name === null || value === undefined ? '' : `${code(name, 60)} ${formatMetric(value)}`
}
