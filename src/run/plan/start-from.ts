import type { DataFacts } from '../../domain/data.ts'
import type { Finding } from '../../domain/plan/checks.ts'
import type { StartModel } from '../../domain/plan/training-plan.ts'
import type { PublishedRun } from '../../domain/publication.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { shortRevision } from '../../domain/revision.ts'
import { isClassTask, tableKind } from '../../domain/tasks.ts'
import { cutText } from '../../domain/text/cut.ts'
import { formatInteger, inWords } from '../../domain/text/format.ts'
import type { LedgerRecord } from '../../ledger/record.ts'
import { paramOf } from '../../trainers/autotrain/params/families.ts'
import { modelKindCheck } from '../../trainers/autotrain/params/model-kind.ts'
import type { BaseModel } from '../base-model.ts'

/** What a training starts from, and why. */
export interface StartDecision {
  /** The published run's own model at its commit; null: `input-model`. */
  readonly from: StartModel | null
  /** How many trainings in a row started from the one before, with this one; 0 from `input-model`. */
  readonly warmStarts: number
  /** That number in words; empty from `input-model`. */
  readonly row: string
  /** For the plan. */
  readonly why: Finding
}

/** The classes of data, as files by class where folders are classes. */
type Classes = Pick<DataFacts, 'classes' | 'classCount'>

/** What is known of the run that is published now. */
export interface StartFacts {
  readonly recipe: Recipe
  /** Null: nothing is published. */
  readonly published: Pick<PublishedRun, 'runModel' | 'runCommit'> | null
  /** The run's record; null where the ledger does not have it any more. */
  readonly record: Pick<LedgerRecord, 'data' | 'warmStarts'> | null
  /** The run's own model, as the Hub shows it to the training's token. */
  readonly model: BaseModel['at']
  /** Of the data that is to be trained on. */
  readonly data: Classes
}

/**
 * Decides what a training with `start-from: published` starts from: the run that is published now, unless there is none
 * or the trainer cannot start from it. A script decides by itself what it makes of other classes.
 */
export function decideStart(facts: StartFacts): StartDecision {
  const { recipe, published, record } = facts
  if (recipe.trainer === 'autotrain' && tableKind(recipe.task) !== null) {
    return fromInput('AutoTrain trains every table anew with the algorithm that input-model names')
  }
  if (published === null) return { ...cold, why: { found: 'input-model: nothing is published yet' } }
  const obstacle = obstacleToStart(facts, published.runModel)
  if (obstacle !== null) return fromInput(obstacle.what, obstacle.todo)
  const warmStarts = (record?.warmStarts ?? 0) + 1
  const from = { model: published.runModel, revision: published.runCommit }
  const row = `the ${ordinal(warmStarts)} training in a row that starts from the one before`
  return { from, warmStarts, row, why: explain(facts, { from, row }) }
}

const cold = { from: null, warmStarts: 0, row: '' } as const

function fromInput(what: string, todo = ''): StartDecision {
  const advice = `start-from: ${what}, so this training starts from input-model.${todo === '' ? '' : ` ${todo}`}`
  return { ...cold, why: { found: `input-model: ${what}`, verdict: 'warned', advice } }
}

interface Obstacle {
  /** Ends before ", so this training starts from input-model." */
  readonly what: string
  /** A sentence. */
  readonly todo?: string
}

function obstacleToStart(facts: StartFacts, name: string): Obstacle | null {
  const { recipe, model } = facts
  if (model === 'missing') {
    return {
      what: `${name}, the run that is published now, is gone or hidden from the token of the training`,
      todo: 'Restore that model, or publish another run.',
    }
  }
  if (recipe.trainer !== 'autotrain') return null
  return (model instanceof Error ? null : misfit(recipe, { ...model, name })) ?? sameHead(facts)
}

/**
 * AutoTrain reads config.json before anything else, which an adapter's repository does not have.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/clm/utils.py
 */
function misfit(
  recipe: Recipe,
  { name, config, files }: { name: string; config: unknown; files: readonly string[] | null },
): Obstacle | null {
  if (files?.includes('adapter_config.json')) {
    const canMerge = paramOf(recipe.task, 'merge_adapter') !== undefined
    return {
      what: `${name}, the run that is published now, is an adapter (PEFT), and AutoTrain starts from whole models only`,
      ...(canMerge && { todo: 'With merge_adapter: true in params each run is a whole model.' }),
    }
  }
  const check = modelKindCheck({ recipe: { ...recipe, inputModel: name }, config, files })
  if (check?.verdict !== 'refused') return null
  return { what: `${name}, the run that is published now, does not fit ${recipe.task} (${check.found})` }
}

/**
 * AutoTrain makes a new head where the number of classes differs (`ignore_mismatched_sizes`). Where only their names
 * do, it keeps the old head, whose outputs then stand for other classes. It takes its classes from folders for images
 * alone: of other data the ledger does not know them.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/image_classification/__main__.py
 */
function sameHead({ recipe, record, data }: StartFacts): Obstacle | null {
  if (recipe.task !== 'image-classification') return null
  const other = otherClasses(record?.data ?? null, data)
  if (other === null || !other.isSameNumber) return null
  return {
    what:
      `the classes are others than those of the published run (${other.words}), as many as before, and AutoTrain makes ` +
      'a new head only for another number of classes',
  }
}

function explain(
  { recipe, record, data }: StartFacts,
  { from, row }: { from: StartModel; row: string },
): Finding {
  const isAutotrain = recipe.trainer === 'autotrain'
  const commit = isAutotrain
    ? 'at its newest commit: AutoTrain cannot pin one'
    : `at ${shortRevision(from.revision)}`
  const found = `${from.model}, the run that is published now, ${commit}; ${row}`
  const hasClasses = isAutotrain ? recipe.task === 'image-classification' : isClassTask(recipe.task)
  const other = hasClasses ? otherClasses(record?.data ?? null, data) : null
  if (other === null) return { found }
  if (isAutotrain) return { found: `${found}; AutoTrain makes a new head for other classes (${other.words})` }
  return {
    found,
    verdict: 'warned',
    advice:
      `start-from: the classes are others than those of the published run (${other.words}). This is ${row}: check that ` +
      'the script makes a new head for them.',
  }
}

/** How the classes differ; null where they do not, or nothing says so. Names may be untrusted. */
function otherClasses(
  before: Classes | null,
  after: Classes,
): { readonly isSameNumber: boolean; readonly words: string } | null {
  // None at all: folders are no classes there.
  if (before === null || before.classCount === 0 || after.classCount === 0) return null
  const isSameNumber = before.classCount === after.classCount
  if (before.classes === null || after.classes === null) {
    const words = `${formatInteger(before.classCount)} before, ${formatInteger(after.classCount)} now`
    return isSameNumber ? null : { isSameNumber, words }
  }
  const missing = (of: object, from: object) => Object.keys(of).filter((name) => !Object.hasOwn(from, name))
  const added = missing(after.classes, before.classes)
  const gone = missing(before.classes, after.classes)
  if (added.length + gone.length === 0) return null
  const words = [listed('new', added), listed('gone', gone)].filter(Boolean).join('; ')
  return { isSameNumber, words }
}

/** How many names of classes are listed. */
const maxNames = 3

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const shown = names.slice(0, maxNames).map((name) => cutText(name, 40))
  const rest = names.length - shown.length
  return `${what}: ${inWords(rest === 0 ? shown : [...shown, `${formatInteger(rest)} more`])}`
}

const endings: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = { one: 'st', two: 'nd', few: 'rd' }
const plurals = new Intl.PluralRules('en', { type: 'ordinal' })

function ordinal(count: number): string {
  return `${count}${endings[plurals.select(count)] ?? 'th'}`
}
