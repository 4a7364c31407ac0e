import { type DataContent, unknownContent } from '../../domain/data.ts'
import { assertNoRefusal, type Check, isAboutData, runCheck } from '../../domain/plan/checks.ts'
import type { TrainingPlan } from '../../domain/plan/training-plan.ts'
import type { Trainer } from '../../domain/training.ts'
import { Refused, Skipped, UnfitData } from '../../domain/verdict.ts'
import { findModelOnce } from '../../hub/models/models.ts'
import { automaticBound } from '../../ledger/decide.ts'
import { freeProjectName } from '../../recipe/project-name.ts'
import type { Checked } from '../check/check.ts'
import type { Confirmed } from '../check/confirm.ts'
import { changedFilesCheck } from '../check/enough-changed.ts'
import { seenForGood } from '../note-seen.ts'
import { mayNameDataset, type Work } from '../work.ts'
import { checkBaseModel } from './base-model-check.ts'
import { checkGuard } from './data-guard.ts'
import { findStart, type Start, unpublished } from './find-start.ts'
import { pathsCheck } from './paths-check.ts'
import { lookAtStable, publishChecks } from './publish-check.ts'
import { checkRights } from './rights.ts'

/** What a check found worth a new attempt. */
export type Claimable = Checked & {
  readonly next: Extract<Checked['next'], { do: 'claim' }>
}

/** What is about to be claimed and ordered. */
export interface Planned {
  readonly checked: Claimable
  readonly trainer: Trainer
  readonly confirmed: Confirmed
  readonly project: string
  readonly plan: TrainingPlan
  readonly start: Start
}

/**
 * Says what would be trained, where, and what it can cost, and checks everything that can be known without a look into
 * the data. Nothing is started, and nothing is refused yet: {@link finishPlan} does that.
 */
export async function planTraining(work: Work, checked: Claimable): Promise<Planned> {
  const { recipe, tools, facts, steps } = work
  const { confirmed, next } = checked
  const trainer = tools.trainers[recipe.trainer]
  return steps.run('Plan the training', async () => {
    for (const warning of tools.checkRunner?.() ?? []) work.log.warning(warning)
    const { publishTo } = recipe
    const stable = publishTo === null ? null : await lookAtStable(work, publishTo)
    const start = publishTo === null ? unpublished : await findStart(work, { ...checked, stable })
    const [project, planned, rights, base, publish] = await Promise.all([
      projectName(work, checked),
      planOf(work, { trainer, confirmed, start }),
      checkRights(work),
      start.checks.base ?? (work.known.baseModel === null ? [] : checkBaseModel(work, work.known.baseModel)),
      publishChecks(work, stable),
    ])
    const head = headCheck(work, { plan: planned, confirmed })
    const paths = pathsCheck(recipe, { files: next.data.files, namesFiles: mayNameDataset(work) })
    const plan = {
      ...planned,
      summary: [planned.summary, start.row].filter(Boolean).join(', '),
      startFrom: start.startFrom,
      checks: [...rights, ...start.checks.start, ...base, ...head, ...paths, ...publish, ...planned.checks],
    }
    Object.assign(facts, { project, plan, attempt: next.attempt })
    return { checked, trainer, confirmed, project, plan, start }
  })
}

/**
 * Looks into the data, and refuses what must not be carried out, with everything that was found in the plan.
 *
 * @param options.draft proves that the ledger can be written; null where nothing may be written yet
 * @throws Refused when it must not be carried out; Skipped when nothing comes back by itself any more
 */
export async function finishPlan(
  work: Work,
  { trainer, confirmed, plan, checked }: Planned,
  { draft }: { draft: (() => Promise<void>) | null },
): Promise<void> {
  const { recipe, tools, facts, steps, request } = work
  return steps.run('Check the data', async () => {
    const order = { recipe, revision: confirmed.revision }
    const { next } = checked
    // Before the rows are known, so that nothing is written for data that is refused without them.
    const guard = checkGuard(work, { next, rows: null })
    const isRefused = [...plan.checks, guard].some(({ verdict }) => verdict === 'refused')
    const [data, contents] = await Promise.all([
      trainer.checkData?.(order, tools.signal),
      contentsCheck({ isDryRun: request.dryRun, draft: isRefused ? null : draft }),
    ])
    const rows = rowsOf(data?.content ?? unknownContent)
    noteRows(work, rows)
    const own = [...changedFilesCheck(work, next), rows === null ? guard : checkGuard(work, { next, rows })]
    const whole: TrainingPlan = {
      ...plan,
      checks: [...plan.checks, ...own, ...(data?.checks ?? []), contents],
    }
    facts.plan = whole
    await assertNotRefused(work, { checks: whole.checks, checked })
    checkBound(work, { before: next.before, plan })
    for (const check of whole.checks) {
      const { verdict, advice } = check
      if (verdict !== 'warned' || advice === null) continue
      // What the settings say is the same in each run: the table and the log have it.
      if (isAboutRevision(check)) work.log.warning(advice)
      else work.log.info(`Worth a look: ${advice}`)
    }
  })
}

/**
 * Ends a plan that must not be carried out. Data that was refused before, at this revision and by the same rules, is a
 * skip with a warning: a workflow that fails every hour for one reason says nothing new.
 */
async function assertNotRefused(
  work: Work,
  { checks, checked }: { checks: readonly Check[]; checked: Claimable },
): Promise<void> {
  try {
    assertNoRefusal(checks)
  } catch (error) {
    if (!(error instanceof UnfitData) || (await seenForGood(work, checked))?.verdict !== 'refused')
      throw error
    // The entry stays as it is: it says that the data was refused.
    work.known.trustsSeen = true
    throw new Skipped(error.message, { isWarning: true, comesBack: 'data' })
  }
}

/** Rows of all splits that are used; null where one is not known. */
function rowsOf({ trainRows, validRows, hasValid }: DataContent): number | null {
  if (trainRows === null || (hasValid && validRows === null)) return null
  return trainRows + (validRows ?? 0)
}

/** The guard, the record and the list of what changed show them. */
function noteRows({ known, facts }: Work, rows: number | null): void {
  known.rows = rows
  const { change } = facts
  if (rows === null || change?.data === undefined) return
  facts.change = { ...change, data: { ...change.data, after: { ...change.data.after, rows } } }
}

function isAboutRevision(check: Check): boolean {
  return isAboutData(check) || ['min-changed-files', 'paths'].includes(check.id)
}

function projectName(
  { recipe, tools, known }: Work,
  { confirmed, next, ledger }: Claimable,
): Promise<string> {
  const { hub, signal } = tools
  const { revision } = confirmed
  const trainer = tools.trainers[recipe.trainer]
  return freeProjectName({
    prefix: recipe.autotrainProjectPrefix,
    revision,
    first: next.attempt,
    // An order that may have been sent may still make a model of its name.
    isTaken: async (name) => {
      const model = `${recipe.targetNamespace}/${name}`
      const isOrdered = known.open.some(({ record }) => record.project === name)
      if (isOrdered) return true
      if ((await findModelOnce(hub, { model, signal })) === null) return false
      const order = { recipe, revision, key: ledger.key, project: name }
      return !(await trainer.isLeftover?.(order, signal))
    },
  })
}

/** A trainer that refuses without a plan has only that to say. */
async function planOf(
  { recipe, tools, known }: Work,
  { trainer, confirmed, start }: Pick<Planned, 'trainer' | 'confirmed' | 'start'>,
): Promise<TrainingPlan> {
  const { revision } = confirmed
  const { published, startFrom } = start
  try {
    if (known.plan?.revision === revision) return await known.plan.plan
    return await trainer.plan({ recipe, revision, published, startFrom }, tools.signal)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const check = await runCheck({ id: 'recipe', title: 'The trainer can run this recipe' }, () => {
      throw error
    })
    const summary = `Training with trainer: ${recipe.trainer}`
    const unknown = { hardware: null, timeoutMs: null, cost: null, readsOnlyHead: false }
    return { summary, steps: [], ...unknown, checks: [check] }
  }
}

function headCheck(
  { recipe }: Work,
  { plan, confirmed }: { plan: TrainingPlan; confirmed: Confirmed },
): Check[] {
  if (!plan.readsOnlyHead || confirmed.isHead) return []
  const advice =
    `revision: the trainer ${recipe.trainer} can only train on the head of ${recipe.ref} here, ` +
    'not on an older revision.'
  return [
    {
      id: 'revision',
      title: 'The trainer can train this revision',
      found: 'it is not the head',
      verdict: 'refused',
      advice,
    },
  ]
}

/** `contents: write` is proved by writing. https://docs.github.com/en/actions/reference/authentication-in-a-workflow */
async function contentsCheck({
  isDryRun,
  draft,
}: {
  isDryRun: boolean
  draft: (() => Promise<void>) | null
}): Promise<Check> {
  const check = { id: 'github-token', title: 'github-token may write the ledger' }
  return runCheck(check, async () => {
    await draft?.()
    if (draft !== null) return { found: 'yes' }
    const found = isDryRun ? 'not checked: a dry run makes no claim' : 'checked with the claim'
    return { found, verdict: 'unknown' }
  })
}

/** The bound on what comes back by itself, with the price of what is planned. */
function checkBound(
  { request, recipe }: Work,
  { before, plan }: { before: Claimable['next']['before']; plan: TrainingPlan },
): void {
  if (request.byPerson) return
  const nextCost = plan.cost?.max ?? null
  const bound = automaticBound({ attempts: before, maxCost: recipe.maxCost, nextCost })
  if (bound !== null) throw new Skipped(bound, { isWarning: true, comesBack: 'data' })
}
