import type { Metrics } from '../../domain/metrics/compare.ts'
import { ownMetrics } from '../../domain/metrics/published-metrics.ts'
import { isQuality } from '../../domain/metrics/speeds.ts'
import type { PublishedRun } from '../../domain/publication.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { shortRevision } from '../../domain/revision.ts'
import { formatMetric, formatTime } from '../../domain/text/format.ts'
import { isSameName } from '../../domain/text/hub-name.ts'
import { maskPrivate, mayName, type Visibility } from '../../domain/visibility.ts'
import { datasetLink, modelLink, unnamedDataset, unnamedModel } from '../markdown/links.ts'
import { code, link, table } from '../markdown/markdown.ts'
import { orderedNames } from '../metrics/metrics.ts'
import { inheritedKeys, publishedMetadata } from './card-metadata.ts'
import { sectionOf, splitCard, withFrontMatter, withSection } from './card-text.ts'
import { runCardText } from './run-card.ts'

/** What is published, and who may know where it comes from. */
export interface PublishedCardFacts {
  /** The model that people load, `namespace/name`. */
  readonly model: string
  /** Who can read it, and so its card. */
  readonly visibility: Visibility
  readonly recipe: Recipe
  /** The dataset's commit that it was trained on. */
  readonly revision: string
  readonly attempt: number
  /** The run's own model, `namespace/name`. */
  readonly runModel: string
  readonly runModelVisibility: Visibility
  /** The earlier run's own model that a warm start began with; null: it began with the recipe's base model. */
  readonly startedFrom: { readonly model: string } | null
  readonly datasetVisibility: Visibility
  readonly baseVisibility: Visibility
  /** Of the workflow's repository. */
  readonly repositoryVisibility: Visibility
  readonly workflowUrl: string
  /** The Hub's address, without a trailing slash. */
  readonly hubUrl: string
  /** When it was published, in milliseconds since the epoch. */
  readonly at: number
  readonly metrics: Metrics
  /** The tag that loads it; null: there is none. */
  readonly tag: string | null
  /** What it replaces; null: nothing was published before. */
  readonly replaced: PublishedRun | null
  /** The discussion on the dataset; null: there is none. */
  readonly discussionUrl: string | null
}

/** How many metrics the table shows: the metadata has all. */
const maxMetrics = 20

/**
 * Writes the card of the model that people load: where it comes from, its metrics, how to load this version, and the run's
 * own card, between our markers. Everything else in it is a person's and stays. Writing twice changes nothing.
 *
 * @param cards.published its README.md as it is; empty: it has none
 * @param cards.run README.md of the run's model; empty: it has none
 * @returns the new text
 */
export function publishedCard(cards: { published: string; run: string }, facts: PublishedCardFacts): string {
  const { published, run } = cards
  const readers = cardReaders(facts)
  const { recipe, model, revision } = facts
  const metrics = ownMetrics({ metrics: facts.metrics }, { publishes: true }).metrics
  const metadata = publishedMetadata(splitCard(published).yaml, {
    model,
    revision,
    metrics,
    task: recipe.task,
    dataset: readers.namesDataset ? recipe.inputDataset : null,
    base: readers.namesBase ? recipe.inputModel : null,
    baseBefore: baseIn(sectionOf(published)),
    inherited: readableKeys(inheritedKeys(splitCard(run).yaml), readers),
  })
  const section = [
    '## What is published here',
    originText(facts, readers),
    metricText(metrics),
    versionText(facts),
    linkText(facts, readers),
    ...runText(run, facts, readers),
  ]
  return withSection(
    withFrontMatter(published, metadata),
    section.filter((part) => part !== ''),
  )
}

const fineTuned = 'auto-retrain fine-tuned '

/** The base model that a section of ours names first; null: none. */
function baseIn(section: string): string | null {
  const at = section.indexOf(`${fineTuned}[\``)
  return at === -1 ? null : (section.slice(at + fineTuned.length + 2).split('`', 1)[0] ?? null)
}

/** What the readers of the card may know. */
interface CardReaders {
  readonly namesDataset: boolean
  readonly namesBase: boolean
  readonly namesRun: boolean
  readonly namesWorkflow: boolean
  /** Replaces the names that the card must not have in text from elsewhere. */
  mask(text: string): string
}

/** A run's model is private unless the Hub says otherwise, and it is not asked about an earlier one. */
const earlierRun = { visibility: 'unknown', replacement: "an earlier run's model" } as const

function cardReaders(facts: PublishedCardFacts): CardReaders {
  const { visibility: place, recipe, datasetVisibility, baseVisibility, runModelVisibility } = facts
  const may = (thing: Visibility) => mayName({ place, thing })
  const things = [
    { name: recipe.inputDataset, visibility: datasetVisibility, replacement: 'the dataset' },
    { name: recipe.inputModel, visibility: baseVisibility, replacement: 'the base model' },
    { name: facts.runModel, visibility: runModelVisibility, replacement: "the run's model" },
    ...(facts.startedFrom === null ? [] : [{ name: facts.startedFrom.model, ...earlierRun }]),
  ]
  // The card may have its own name, also where the dataset has the same.
  const others = things.filter(({ name }) => !isSameName(name, facts.model))
  return {
    namesDataset: may(datasetVisibility),
    namesBase: may(baseVisibility),
    namesRun: may(runModelVisibility),
    namesWorkflow: may(facts.repositoryVisibility),
    mask: (text) => maskPrivate(text, { place, things: others }),
  }
}

/** A tag may name the dataset. */
function readableKeys(
  keys: Readonly<Record<string, string | string[]>>,
  { mask }: CardReaders,
): Record<string, string | string[]> {
  const isReadable = (text: string) => mask(text) === text
  return Object.fromEntries(
    Object.entries(keys).flatMap(([key, value]): [string, string | string[]][] => {
      if (typeof value === 'string') return isReadable(value) ? [[key, value]] : []
      const readable = value.filter(isReadable)
      return readable.length === 0 ? [] : [[key, readable]]
    }),
  )
}

function originText(facts: PublishedCardFacts, { namesDataset, namesBase, namesRun }: CardReaders): string {
  const { recipe, revision, attempt, hubUrl, at, replaced } = facts
  const short = code(shortRevision(revision))
  const dataset = namesDataset
    ? `${datasetLink(hubUrl, recipe.inputDataset)} at ${link(short, `${hubUrl}/datasets/${recipe.inputDataset}/tree/${revision}`)}`
    : `${unnamedDataset(facts.datasetVisibility)} at ${short}`
  const base = namesBase ? modelLink(hubUrl, recipe.inputModel) : unnamedModel(facts.baseVisibility)
  const run = namesRun ? ` as ${modelLink(hubUrl, facts.runModel)}` : ''
  const which = attempt > 1 ? ` (attempt ${attempt})` : ''
  return [
    `${fineTuned}${base} on ${dataset}${which}${run}, and published it here on ${formatTime(at)}.`,
    replaced === null ? '' : `It replaced ${versionName(replaced)}.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

function versionName({ revision, attempt, tag }: PublishedRun): string {
  const name = `the model of ${code(shortRevision(revision))}${attempt > 1 ? ` (attempt ${attempt})` : ''}`
  return tag === null ? name : `${name}, which is still there as ${code(`revision="${tag}"`)}`
}

function metricText(metrics: Metrics): string {
  const names = orderedNames(metrics).filter(isQuality).slice(0, maxMetrics)
  if (names.length === 0) return ''
  return table(
    ['Metric', 'Value'],
    names.map((name) => [code(name, 80), formatMetric(metrics[name] ?? 0)]),
  )
}

function versionText({ tag, model }: PublishedCardFacts): string {
  if (tag === null) return ''
  return `${code(model)} is always the newest version. To load this very one, add ${code(`revision="${tag}"`)}.`
}

function linkText(facts: PublishedCardFacts, { namesDataset, namesWorkflow }: CardReaders): string {
  const { workflowUrl, discussionUrl } = facts
  return [
    ...(namesWorkflow ? [link('Workflow run', workflowUrl)] : []),
    ...(namesDataset && discussionUrl !== null ? [link('Discussion', discussionUrl)] : []),
  ].join(' · ')
}

function runText(card: string, { runModel, hubUrl }: PublishedCardFacts, readers: CardReaders): string[] {
  const text = runCardText(readers.mask(card))
  if (text === '') return []
  return [
    readers.namesRun
      ? `What the training wrote about it, in the card of ${modelLink(hubUrl, runModel)}:`
      : 'What the training wrote about it:',
    text,
  ]
}
