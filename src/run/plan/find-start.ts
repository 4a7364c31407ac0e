import { type Check, runCheck } from '../../domain/plan/checks.ts'
import type { PublishedVersion, StartModel } from '../../domain/plan/training-plan.ts'
import type { PublishedRun } from '../../domain/publication.ts'
import { isSameName } from '../../domain/text/hub-name.ts'
import { Refused } from '../../domain/verdict.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import type { ClaimFacts, LedgerRecord } from '../../ledger/record.ts'
import type { PublishedModel } from '../../publish/look.ts'
import { type BaseModel, readBaseModel } from '../base-model.ts'
import type { Checked } from '../check/check.ts'
import type { RevisionData } from '../check/data.ts'
import type { Work } from '../work.ts'
import { checkBaseModel } from './base-model-check.ts'
import { decideStart } from './start-from.ts'

/** What a training starts from and what it may measure, as order and claim say it. */
export interface Start {
  /** Null: nothing is published. */
  readonly published: PublishedVersion | null
  /** Null: `input-model`. */
  readonly startFrom: StartModel | null
  /** How many trainings in a row started from the one before, with this one. */
  readonly warmStarts: number
  /** That number in words; empty from `input-model`. */
  readonly row: string
  /** About the model that it starts from; null: what it starts from is `input-model`, whose checks count. */
  readonly checks: { readonly start: readonly Check[]; readonly base: readonly Check[] | null }
}

/** Of a recipe that publishes nothing. */
export const unpublished: Start = {
  published: null,
  startFrom: null,
  warmStarts: 0,
  row: '',
  checks: { start: [], base: null },
}

/**
 * Finds out what a training of a recipe with `publish-to` starts from. Starts nothing.
 *
 * @param options.stable `publish-to` as the Hub shows it; null: there is none that hf-token may see; an error where the
 *   Hub gave no clear answer
 */
export async function findStart(
  work: Work,
  options: Pick<Checked, 'ledger'> & { next: { data: RevisionData }; stable: PublishedModel | null | Error },
): Promise<Start> {
  const { recipe, tools, known } = work
  const { ledger, next, stable } = options
  const { published: run } = known
  const published = versionAt(recipe.publishTo, { stable, run })
  if (recipe.startFrom === 'base') return { ...unpublished, published }
  // A command on the runner gets hf-token, all others the training's own.
  const hub = recipe.trainer === 'command' ? tools.hub : (tools.trainingHub ?? tools.hub)
  const [model, record] =
    run === null
      ? [null, null]
      : await Promise.all([
          readBaseModel(hub, { model: run.runModel, signal: tools.signal }),
          recordOf(ledger, run),
        ])
  const { from, warmStarts, row, why } = decideStart({
    recipe,
    published: run,
    record,
    model: model?.at ?? 'missing',
    data: next.data.facts,
  })
  const title = 'There is a model to start from'
  const check: Check = { id: 'start-from', title, verdict: 'passed', advice: null, ...why }
  work.log.info(`Starts from ${check.found}.`)
  if (from === null || model === null)
    return { ...unpublished, published, checks: { start: [check], base: null } }
  const checks = {
    start: [check, await tokenCheck(work, model, from)],
    base: await checksOf(work, model, from),
  }
  return { published, startFrom: from, warmStarts, row, checks }
}

/** What a training may measure: nothing that is gone, or called otherwise by now. */
function versionAt(
  model: string | null,
  { stable, run }: { stable: PublishedModel | null | Error; run: PublishedRun | null },
): PublishedVersion | null {
  if (model === null || run === null || stable === null) return null
  return stable instanceof Error || isSameName(stable.name, model) ? { model, commit: run.commit } : null
}

/** What the claim says of a start. */
export function startFacts({
  published,
  startFrom,
  warmStarts,
}: Start): Pick<ClaimFacts, 'publishedThen' | 'startedFrom' | 'warmStarts'> {
  return {
    publishedThen: published && { ...published },
    startedFrom: startFrom && { ...startFrom },
    warmStarts,
  }
}

/** The record of a run; null where the ledger does not have it any more. */
async function recordOf(
  ledger: RecipeLedger,
  { revision, attempt }: Pick<PublishedRun, 'revision' | 'attempt'>,
): Promise<LedgerRecord | null> {
  const isIt = ({ record }: { record: LedgerRecord }) =>
    record.revision === revision && record.attempt === attempt
  const found = (await ledger.recent()).find(isIt) ?? (await ledger.attempts(revision)).find(isIt)
  return found?.record ?? null
}

/** A run's own model is private, as it was made. */
function tokenCheck({ recipe }: Work, { visibility }: BaseModel, { model }: StartModel): Promise<Check> {
  return runCheck(
    { id: 'start-from-token', title: 'The training may read the model that it starts from' },
    () => {
      if (recipe.giveToken !== false) return { found: 'with the token that it gets' }
      if (visibility === 'public') return { found: 'public' }
      throw new Refused(
        `start-from: ${model} is private, and with give-token: false the training cannot read it: set give-token to ` +
          'true, or start-from to base.',
      )
    },
  )
}

/** The checks of a base model, about the one that the training starts from. */
async function checksOf(
  { recipe, tools }: Work,
  model: BaseModel,
  from: StartModel,
): Promise<readonly Check[]> {
  const checks = await checkBaseModel({ recipe: { ...recipe, inputModel: from.model }, tools }, model)
  return checks.map((check) => ({
    ...check,
    advice: check.advice?.replace(/^input-model:/, 'start-from:') ?? null,
  }))
}
