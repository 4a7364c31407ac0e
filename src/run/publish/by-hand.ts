import type { Outcome } from '../../domain/outcome.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { Refused } from '../../domain/verdict.ts'
import { findModel } from '../../hub/models/models.ts'
import type { RecipeLedger } from '../../ledger/ledger.ts'
import {
  newestPublished,
  openPublication,
  type PublicationLog,
} from '../../ledger/publications/publication-log.ts'
import type { Begun } from '../../ledger/publications/publication-record.ts'
import { lookAtModel, type PublishedModel } from '../../publish/look.ts'
import { readRunName } from '../../recipe/run-name.ts'
import { readBaseModel } from '../base-model.ts'
import { ledgerBeforeRename, renamed } from '../check/check.ts'
import { findHead } from '../check/confirm.ts'
import { readHistory } from '../check/decide-next.ts'
import { type Ending, toEnding } from '../ending.ts'
import { beginWork, type Collaborators, endWork, ledgerKeys, type Request, type Work } from '../work.ts'
import { carryOut } from './carry-out/carry-out.ts'
import { noteAlsoPublished, standing } from './describe.ts'
import { type FoundRun, findRuns } from './find-run.ts'
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

/** What became of the search in one recipe. */
interface Look {
  readonly work: Work
  /** Null: the recipe publishes nothing, or its runs could not be read. */
  readonly candidate: Candidate | null
  /** Why its runs could not be read; null: they could. */
  readonly failure: Ending | null
}

/** The one run that is meant. */
interface Chosen {
  readonly candidate: Candidate
  readonly run: FoundRun
}

/** How many runs a refusal lists, of all recipes. */
const maxListed = 10

/**
 * Publishes the model of an earlier run, because a person asked for it with `publish-revision`, and trains nothing. A
 * recipe whose ledger cannot be read does not stand in the way of another one.
 *
 * @param wanted the input
 * @returns an outcome for each recipe, in the same order
 */
export async function publishByHand(
  recipes: readonly Recipe[],
  wanted: string,
  { request, tools }: { request: Request; tools: Collaborators },
): Promise<Outcome[]> {
  const { signal, log } = tools
  const works = recipes.map((recipe) => beginWork(recipe, request, tools))
  const looks = await Promise.all(works.map((work) => look(work, wanted)))
  const candidates = looks.flatMap(({ candidate }) => candidate ?? [])
  const isUnread = candidates.length === 0 && looks.some(({ failure }) => failure !== null)
  if (isUnread) return looks.map(({ work, failure }) => endWork(work, failure ?? notAsked))
  try {
    const chosen = choose(candidates, wanted)
    refuseIfUnclear(looks, { chosen, wanted })
    const { work, ledger } = chosen.candidate
    const ending = await publishRun(chosen).catch((error: unknown) => toEnding(error, { signal, log }))
    await noteAlsoPublished(work, ledger)
    return looks.map((one) => (one.work === work ? endWork(work, ending) : endOther(one)))
  } catch (error) {
    const ending = await toEnding(error, { signal, log })
    return looks.map(({ work, failure }) => endWork(work, failure ?? ending))
  }
}

const notAsked = { verdict: 'skipped', reason: 'publish-revision asks for a run of another recipe.' } as const

/** The run that was asked for is there, so it is only a warning that another recipe could not be read. */
function endOther({ work, failure }: Look): Outcome {
  if (failure === null) return endWork(work, notAsked)
  const unread = `What this recipe trained could not be read: ${failure.reason}`
  work.log.warning(unread)
  return endWork(work, { ...notAsked, reason: `${notAsked.reason} ${unread}` })
}

async function look(given: Work, wanted: string): Promise<Look> {
  if (given.recipe.publishTo === null) return { work: given, candidate: null, failure: null }
  const { signal, log } = given.tools
  try {
    const candidate = await given.steps.run('Find the run', () => lookUp(given, wanted))
    return { work: candidate.work, candidate, failure: null }
  } catch (error) {
    return { work: given, candidate: null, failure: await toEnding(error, { signal, log }) }
  }
}

async function lookUp(given: Work, input: string): Promise<Candidate> {
  const { tools, recipe, facts, known } = given
  const { hub, signal } = tools
  const to = recipe.publishTo ?? ''
  const keys = await ledgerKeys(given)
  const [head, base, own, target] = await Promise.all([
    // A dataset that is gone has runs all the same, and counts as private.
    findHead(hub, { recipe, signal }).catch(() => null),
    readBaseModel(hub, { model: recipe.inputModel, signal }),
    tools.ledger.recipe(keys),
    findModel(hub, { model: to, signal }).catch(() => null),
  ])
  facts.datasetVisibility = head?.visibility ?? 'unknown'
  facts.baseVisibility = base.visibility
  const work = head === null || head.name === recipe.inputDataset ? given : renamed(given, head)
  const before = await ledgerBeforeRename(work, { keys, ledger: own, datasetId: head?.id ?? null })
  const ledger = before ?? own
  known.ledger = ledger
  await ledger.prepare(null)
  const log = await ledger.publications.read()
  facts.publication = { ...standing(to, log), byHand: true, visibility: target?.visibility ?? 'unknown' }
  await readHistory(work, ledger)
  const wanted = readRunName(input)
  const { runs, available } = await findRuns(wanted, ledger)
  const isElsewhere = wanted !== null && wanted.publishTo !== null && wanted.publishTo !== to.toLowerCase()
  return { work, ledger, available, runs: isElsewhere ? [] : runs }
}

/**
 * The one run that is meant.
 *
 * @throws Refused with names that work, where it is none or several
 */
function choose(candidates: readonly Candidate[], wanted: string): Chosen {
  if (candidates.length === 0) {
    throw new Refused('publish-revision needs publish-to: set the model that people load in the recipe.')
  }
  // Two recipes of one config cannot publish to the same model.
  const nameIn = ({ work }: Candidate, name: string) =>
    candidates.length === 1 ? name : `${work.recipe.publishTo}@${name}`
  const list = (names: readonly string[]) => names.slice(0, maxListed).join(', ')
  const found = candidates.flatMap((candidate) => candidate.runs.map((run) => ({ candidate, run })))
  const [first] = found
  if (first === undefined) {
    const available = candidates.flatMap((one) => one.available.map((name) => nameIn(one, name)))
    const what =
      available.length === 0
        ? 'there is no successful training yet'
        : `these can be published: ${list(available)}`
    throw new Refused(`publish-revision: no successful training is called ${wanted}; ${what}.`)
  }
  if (found.length > 1) {
    const names = found.map(({ candidate, run }) => nameIn(candidate, run.name))
    throw new Refused(`publish-revision: ${wanted} may mean several trainings: give one of ${list(names)}.`)
  }
  return first
}

/** A recipe that could not be read may have a run with the same name. @throws Refused with a name that means one run */
function refuseIfUnclear(
  looks: readonly Look[],
  { chosen, wanted }: { chosen: Chosen; wanted: string },
): void {
  const { candidate, run } = chosen
  const { revision } = run.entry.record
  const mayHaveIt = ({ work, failure }: Look) =>
    failure !== null && work.known.ledger?.hasAttempt(revision) !== false
  if (!looks.some(mayHaveIt) || readRunName(wanted)?.publishTo !== null) return
  throw new Refused(
    `publish-revision: ${wanted} may also mean a training of a recipe that could not be read: give ` +
      `${candidate.work.recipe.publishTo}@${run.name}.`,
  )
}

async function publishRun({ candidate, run }: Chosen): Promise<Ending> {
  const { work, ledger } = candidate
  const { recipe, facts, tools, request } = work
  const { record } = run.entry
  const to = recipe.publishTo ?? ''
  const { revision, attempt, project } = record
  Object.assign(facts, { revision, attempt, project, discussionUrl: record.discussionUrl })
  const wish = await wishOf(work, { record, to, byHand: true, commit: run.commit ?? undefined })
  const name = runName(record)
  const log = await ledger.publications.read()
  const now = newestPublished(log, to)
  const isNow = now?.begun.from.nonce === record.nonce
  const target =
    isNow || request.dryRun ? await lookAtModel(tools.hub, { model: to, signal: tools.signal }) : null
  if (isNow && target !== null && target.tree === now.done?.tree) {
    return {
      verdict: 'skipped',
      reason: `${name} is what ${to} has already: nothing was published or trained.`,
    }
  }
  if (request.dryRun) return dryRun(work, { begun: wish.begin(log.next), log, target })
  const obtained = await obtain(work, {
    ledger,
    // Each time a person asks, it is another publication.
    wish: { ...wish, find: () => null },
    finish: (begun) => finishOther(work, { ledger, begun }),
  })
  if (obtained.is !== 'ours') {
    const reason = 'Another publication of this recipe is under way: run it again in a few minutes.'
    return { verdict: 'failed', reason }
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
    return { verdict: 'skipped', reason: `Published ${name} as ${to}; nothing was trained.` }
  }
  const verdict = publication.end === 'due' ? 'failed' : 'refused'
  const next = publication.end === 'due' ? ' The next check tries again.' : ''
  return { verdict, reason: `${name} was not published: ${publication.reason}${next}` }
}

async function dryRun(
  work: Work,
  options: { begun: Begun; log: PublicationLog; target: PublishedModel | null },
): Promise<Ending> {
  const { begun, log } = options
  const { judgement } = await judgeNow(work, options)
  if (judgement.do !== 'publish') {
    return { verdict: 'refused', reason: `It would not be published: ${judgement.reason}` }
  }
  const waits = openPublication(log) === null ? '' : ', once the publication that is under way has ended'
  const reason = `Dry run: it would publish ${runName(begun.from)} as ${begun.to}${waits}.`
  return { verdict: 'planned', reason }
}
