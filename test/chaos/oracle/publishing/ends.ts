import type { Done } from '../../../../src/ledger/publications/publication-record.ts'
import type { LedgerRecord } from '../../../../src/ledger/record.ts'
import type { Repository } from '../../../sandbox/hub/git/repositories.ts'
import type { Meddling } from '../../actors/model-users.ts'
import type { PublishSetting } from '../../actors/recipes.ts'
import type { PaidStart } from '../../provider/books.ts'
import { oldConfigMs } from './commits.ts'
import type { Told } from './ledger-story.ts'
import { forbids, notePublished, nothingPublished, type Standing } from './rules.ts'
import { wholeModel } from './whole.ts'

/** After three tries the action gives a publication up. */
const maxTries = 3

/** What the publications of one recipe are judged by. */
export interface EndFacts {
  readonly recipe: string
  readonly compares: boolean
  readonly told: readonly Told[]
  /** The records of its attempts. */
  readonly records: readonly LedgerRecord[]
  readonly starts: readonly PaidStart[]
  /** Every published model that there ever was. */
  readonly repositories: readonly Repository[]
  readonly meddlings: readonly Meddling[]
  readonly lost: readonly { readonly place: string; readonly at: number }[]
  readonly settings: readonly PublishSetting[]
  readonly isAskedFor: (run: PaidStart, by: number) => boolean
  /** The model that people load in the end; undefined: there is none. */
  readonly present: Repository | undefined
  /** What ended later had no time to be published, milliseconds since the epoch. */
  readonly until: number
}

/** What is wrong with how publications ended. */
export interface EndsFound {
  readonly unpublished: readonly string[]
  readonly wrong: readonly string[]
  /** How each publication ended, for the tally. */
  readonly ends: readonly string[]
}

/**
 * Judges how every publication ended: each success has one, in the order of the publications each was right, and main
 * has the newest that was published.
 */
export function judgeEnds(facts: EndFacts): EndsFound {
  const unpublished: string[] = []
  const wrong: string[] = []
  const ends: string[] = []
  const places = new Map<string, Standing>()
  for (const one of facts.told) {
    const { n, begun, done } = one
    const what = `${facts.recipe} publication ${n} of ${begun.from.revision.slice(0, 7)} ${begun.at}`
    if (done === null) {
      if (Date.parse(begun.at) < facts.until) unpublished.push(`${what} has no end`)
      continue
    }
    const standing = places.get(begun.to) ?? nothingPublished()
    places.set(begun.to, standing)
    ends.push(`a publication${begun.byHand ? ' by hand' : ''}: ${endOf(one, done)}`)
    const problem = judgeEnd(facts, { one, done, standing })
    if (problem !== null) (done.end === 'published' ? wrong : unpublished).push(`${what} ${problem}`)
  }
  unpublished.push(...findWithoutEnd(facts))
  const problem = judgePresent(facts, places)
  if (problem !== null) unpublished.push(`${facts.recipe} ${problem}`)
  return { unpublished, wrong, ends }
}

function endOf({ tries }: Told, { end, reason }: Done): string {
  return end === 'held' && tries >= maxTries && /tries failed|lived to its end/.test(reason)
    ? 'held after three tries'
    : end
}

function runOf({ starts }: EndFacts, { begun }: Told): PaidStart | undefined {
  return starts.find(({ nonce }) => nonce === begun.from.nonce)
}

function judgeEnd(
  facts: EndFacts,
  { one, done, standing }: { one: Told; done: Done; standing: Standing },
): string | null {
  const { begun } = one
  const run = runOf(facts, one)
  const record = facts.records.find(({ nonce }) => nonce === begun.from.nonce)
  if (run === undefined || record === undefined) return 'is of a run that never was'
  const claimedAt = Date.parse(record.times.claimed)
  const why = forbids(standing, { run, claimedAt, compares: facts.compares })
  if (done.end === 'superseded') return why === 'superseded' ? null : 'was not superseded'
  if (done.end === 'held') {
    return (!begun.byHand && why !== null) || isExplained(facts, one, done)
      ? null
      : `was held: ${done.reason}`
  }
  const commit = done.commit ?? ''
  const problem = judgePublished(facts, { one, done, run, record, why })
  notePublished(standing, { run, commit, claimedAt, byHand: begun.byHand })
  return problem
}

function judgePublished(
  { recipe, repositories, isAskedFor }: EndFacts,
  options: { one: Told; done: Done; run: PaidStart; record: LedgerRecord; why: string | null },
): string | null {
  const { one, done, run, record, why } = options
  const commit = done.commit ?? ''
  const repository = repositories.find(({ commits }) => commits.has(commit))
  const made = repository?.commits.get(commit)
  if (repository === undefined || made === undefined) return 'was published at a commit that is nowhere'
  const whole = wholeModel(repository, made, (id) => (id === run.id ? run : undefined))
  if (whole.run === null) return `was published, and ${commit.slice(0, 7)} is ${whole.problem}`
  if (run.recipe !== recipe) return `is of ${run.recipe}`
  if (one.begun.byHand) return isAskedFor(run, Date.parse(one.begun.at)) ? null : 'was not asked for'
  if (!record.atHead) return 'is of an older revision that a person asked for'
  if (why !== null) return `was published, and it was ${why}`
  const tagged = repository.refs.get(`refs/tags/${done.tag}`)
  const isTagged = done.tag !== null && repository.commits.has(tagged ?? '')
  return isTagged && tagged === commit ? null : `has no tag at its commit (${done.tag})`
}

/** Whether what people did explains that a publication was held. */
function isExplained(facts: EndFacts, { begun, tries }: Told, done: Done): boolean {
  const { lost, settings, recipe, meddlings, repositories } = facts
  const at = Date.parse(done.at)
  if (endOf({ begun, tries, n: done.n, done }, done) !== 'held') return true
  const own = settings.filter((one) => one.recipe === recipe)
  const inEffect = own.filter(
    (one, index) => one.at <= at && (own[index + 1]?.at ?? Number.POSITIVE_INFINITY) >= at - oldConfigMs,
  )
  if (inEffect.some(({ to }) => to !== begun.to)) return true
  if (lost.some((one) => one.place === begun.to && one.at <= at)) return true
  if (inEffect.every(({ over }) => over)) return false
  return meddlings.some(({ what, sha, at: since, repository }) => {
    if (what !== 'file' || since > at || !repositories.includes(repository)) return false
    return since > lastCommitBefore(facts, { to: begun.to, n: done.n }) && repository.commits.has(sha)
  })
}

/** When the action last committed to a place before a publication, in milliseconds since the epoch. */
function lastCommitBefore({ told, repositories }: EndFacts, { to, n }: { to: string; n: number }): number {
  const last = told.findLast(
    (one) => one.n < n && one.begun.to === to && one.done?.end === 'published' && one.done.parent !== null,
  )
  const commit = last?.done?.commit ?? ''
  const made = repositories.find(({ commits }) => commits.has(commit))?.commits.get(commit)
  return made?.date.getTime() ?? Number.NEGATIVE_INFINITY
}

/** Successes at the head that have no publication. */
function findWithoutEnd({ recipe, records, told, until }: EndFacts): string[] {
  return records.flatMap((record) => {
    const { state, publish, atHead, publishTo, nonce, revision, times } = record
    if (state !== 'succeeded' || !atHead || Date.parse(times.finished ?? '') >= until) return []
    const what = `${recipe} ${revision.slice(0, 7)} ${times.finished}`
    const own = told.filter(({ begun }) => begun.from.nonce === nonce && !begun.byHand)
    if (publishTo === null) return [`${what} was claimed without publish-to`]
    if (own.length === 0) return [`${what} succeeded, and was never published nor held`]
    if (own.length > 1) return [`${what} has ${own.length} publications`]
    return publish === null ? [] : [`${what} is still due`]
  })
}

/** What people load in the end. */
function judgePresent(
  { settings, recipe, lost, told, present, meddlings, starts }: EndFacts,
  places: ReadonlyMap<string, Standing>,
): string | null {
  const place = settings.findLast((one) => one.recipe === recipe)?.to ?? ''
  const now = places.get(place)?.now ?? null
  if (now === null || lost.some((one) => one.place === place)) return null
  const main = present?.commits.get(present.refs.get('refs/heads/main') ?? '')
  if (present === undefined || main === undefined) return `published ${now.run.id}, and ${place} is gone`
  const last = told.findLast(({ done }) => done?.commit === now.commit)
  const since = Date.parse(last?.begun.at ?? '')
  const isChanged = meddlings.some(
    (one) => one.repository === present && one.what === 'file' && one.at >= since,
  )
  if (isChanged) return null
  const whole = wholeModel(present, main, (id) => starts.find((start) => start.id === id))
  const has = whole.run === null ? whole.problem : whole.run.id
  return whole.run?.id === now.run.id ? null : `published ${now.run.id} last, and ${place} has ${has}`
}
