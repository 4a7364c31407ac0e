import type { Outcome } from '../../domain/outcome.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { Refused } from '../../domain/verdict.ts'
import { findModel } from '../../hub/models/models.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import { openPublication } from '../../ledger/publications/publication-log.ts'
import type { Begun } from '../../ledger/publications/publication-record.ts'
import { lookAtModel } from '../../publish/look.ts'
import { readBaseModel } from '../base-model.ts'
import { findHead } from '../check/confirm.ts'
import { readHistory } from '../check/decide-next.ts'
import { toEnding } from '../ending.ts'
import { beginWork, type Collaborators, endWork, ledgerKeys, type Request, type Work } from '../work.ts'
import { carryOut } from './carry-out/carry-out.ts'
import { standing } from './describe.ts'
import { type FoundRun, findRuns, listRuns } from './find-run.ts'
import { runName } from './names.ts'
import { obtain } from './obtain.ts'
import { describeCarried, finishOther, wishOf } from './publish-due.ts'
import { reportPublished } from './publish-left.ts'
import { judgeNow } from './situation.ts'

/** A recipe that publishes, and the runs of it that are meant. */
interface Candidate {
  readonly work: Work
  readonly ledger: RecipeLedger
  readonly runs: readonly FoundRun[]
  readonly available: readonly string[]
}

/**
 * Publishes the model of an earlier run, because a person asked for it with `publish-revision`, and trains nothing.
 *
 * @param wanted the input
 * @returns an outcome for each recipe, in the same order
 */
export async function publishByHand(
  recipes: readonly Recipe[],
  wanted: string,
  { request, tools }: { request: Request; tools: Collaborators },
): Promise<Outcome[]> {
  const works = recipes.map((recipe) => beginWork(recipe, request, tools))
  try {
    const candidates = await Promise.all(
      works.filter(({ recipe }) => recipe.publishTo !== null).map((work) => lookUp(work, wanted)),
    )
    const { work: chosen, ledger, run } = choose(candidates, wanted)
    const outcome = await publishRun(chosen, { ledger, run })
    return works.map((work) => (work === chosen ? outcome : notAsked(work)))
  } catch (error) {
    const ending = await toEnding(error, { signal: tools.signal, log: tools.log })
    return works.map((work) => endWork(work, ending))
  }
}

function notAsked(work: Work): Outcome {
  return endWork(work, { verdict: 'skipped', reason: 'publish-revision asks for a run of another recipe.' })
}

async function lookUp(work: Work, wanted: string): Promise<Candidate> {
  const { tools, recipe, facts, known } = work
  const { hub, signal } = tools
  return work.steps.run('Find the run', async () => {
    const to = recipe.publishTo ?? ''
    const [head, base, ledger, target] = await Promise.all([
      // A dataset that is gone has runs all the same, and counts as private.
      findHead(hub, { recipe, signal }).catch(() => null),
      readBaseModel(hub, { model: recipe.inputModel, signal }),
      tools.ledger.recipe(await ledgerKeys(work)),
      findModel(hub, { model: to, signal }).catch(() => null),
    ])
    facts.datasetVisibility = head?.visibility ?? 'unknown'
    facts.baseVisibility = base.visibility
    known.ledger = ledger
    await ledger.prepare(null)
    const log = await ledger.publications.read()
    facts.publication = { ...standing(to, log), visibility: target?.visibility ?? 'unknown' }
    await readHistory(work, ledger)
    return { work, ledger, ...(await findRuns(wanted, ledger)) }
  })
}

/**
 * The one run that is meant.
 *
 * @throws Refused with what there is, where it is none or several
 */
function choose(
  candidates: readonly Candidate[],
  wanted: string,
): { work: Work; ledger: RecipeLedger; run: FoundRun } {
  if (candidates.length === 0) {
    throw new Refused('publish-revision needs publish-to: set the model that people load in the recipe.')
  }
  const found = candidates.flatMap(({ work, ledger, runs }) => runs.map((run) => ({ work, ledger, run })))
  const [first] = found
  if (first === undefined) {
    const available = candidates.flatMap((candidate) => candidate.available)
    const list =
      available.length === 0
        ? 'there is no successful training yet'
        : `these can be published: ${available.join(', ')}`
    throw new Refused(`publish-revision: no successful training is called ${wanted}; ${list}.`)
  }
  if (found.length > 1) {
    const several = new Set(found.map(({ work }) => work)).size > 1
    throw new Refused(
      `publish-revision: ${wanted} may mean several trainings (${listRuns(found.map(({ run }) => run))}): ` +
        `${several ? 'they belong to several recipes, so name one by more digits or by its tag' : 'give more digits'}.`,
    )
  }
  return first
}

async function publishRun(
  work: Work,
  { ledger, run }: { ledger: RecipeLedger; run: FoundRun },
): Promise<Outcome> {
  const { recipe, facts, tools, request } = work
  const { record } = run.entry
  const to = recipe.publishTo ?? ''
  const { revision, attempt, project } = record
  Object.assign(facts, { revision, attempt, project, discussionUrl: record.discussionUrl })
  const wish = await wishOf(work, { record, to, byHand: true, commit: run.commit ?? undefined })
  const name = runName(record)
  if (request.dryRun) return dryRun(work, { ledger, begun: wish.begin({ n: 1, tries: 1 }) })
  const obtained = await obtain(work, {
    ledger,
    // Each time a person asks, it is another publication.
    wish: { ...wish, find: () => null },
    finish: (begun) => finishOther(work, { ledger, begun }),
  })
  if (obtained.is !== 'ours') {
    const reason = 'Another publication of this recipe is under way: run it again in a few minutes.'
    return endWork(work, { verdict: 'failed', reason })
  }
  const { begun } = obtained
  const carried = await work.steps.run(`Publish ${name}`, () =>
    carryOut(work, { ledger, begun, entry: run.entry }),
  )
  for (const warning of carried.warnings) tools.log.warning(warning)
  const publication = await describeCarried(work, { ledger, begun, carried })
  facts.publication = publication
  if (publication.end === 'published') {
    await reportPublished(work, { entry: run.entry, publication })
    return endWork(work, { verdict: 'skipped', reason: `Published ${name} as ${to}; nothing was trained.` })
  }
  const verdict = publication.end === 'due' ? 'failed' : 'refused'
  const next = publication.end === 'due' ? ' The next check tries again.' : ''
  return endWork(work, { verdict, reason: `${name} was not published: ${publication.reason}${next}` })
}

async function dryRun(
  work: Work,
  { ledger, begun }: { ledger: RecipeLedger; begun: Begun },
): Promise<Outcome> {
  const { tools } = work
  const log = await ledger.publications.readAgain()
  const target = await lookAtModel(tools.hub, { model: begun.to, signal: tools.signal })
  const { judgement } = await judgeNow(work, { begun, log, target })
  if (judgement.do !== 'publish') {
    return endWork(work, { verdict: 'refused', reason: `It would not be published: ${judgement.reason}` })
  }
  const waits = openPublication(log) === null ? '' : ', once the publication that is under way has ended'
  const reason = `Dry run: it would publish ${runName(begun.from)} as ${begun.to}${waits}.`
  return endWork(work, { verdict: 'planned', reason })
}
