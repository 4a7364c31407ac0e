import type { Commit, Repository } from '../../../sandbox/hub/git/repositories.ts'
import type { Meddling } from '../../actors/model-users.ts'
import type { PublishSetting } from '../../actors/recipes.ts'
import type { PaidStart } from '../../provider/books.ts'
import { forbids, notePublished, nothingPublished, type Standing } from './rules.ts'
import { textAt, wholeModel } from './whole.ts'

/** A workflow run may have read the config so long before it publishes. */
export const oldConfigMs = 8 * 3_600_000

/** What a commit of the action is judged by. */
export interface CommitFacts {
  readonly byId: (id: string) => PaidStart | undefined
  /** When the ledger has it that a run was claimed, and whether a person asked for its older revision. */
  readonly claimOf: (run: PaidStart) => { readonly at: number; readonly isOlder: boolean } | null
  readonly meddlings: readonly Meddling[]
  /** Whether a person asked for a run with `publish-revision` by a time. */
  readonly isAskedFor: (run: PaidStart, by: number) => boolean
  readonly settings: readonly PublishSetting[]
}

/** Judges the commits of one published model, as they come. */
export interface CommitWatch {
  /** Looks at what is new. */
  look(): void
}

/**
 * Watches one published model, from its first commit on: every commit that no person made must be the whole model of one run, which
 * the rules allow at that moment.
 *
 * @param found takes what is wrong
 */
export function watchCommits(options: {
  repository: Repository
  recipe: string
  compares: boolean
  facts: CommitFacts
  found: (kind: 'mixed' | 'wrong', what: string) => void
}): CommitWatch {
  const { repository, recipe, compares, facts, found } = options
  let standing: Standing = nothingPublished()
  let name = repository.name
  const tags = new Map<string, string>()
  const lostWords = new Set<string>()
  let seen = 0
  let covered: Meddling | null = null

  const lookAtCommit = (commit: Commit): void => {
    const { sha, date, title } = commit
    const at = date.getTime()
    const meddling = facts.meddlings.find((one) => one.sha === sha)
    if (meddling !== undefined) {
      if (meddling.what === 'file') covered = meddling
      return
    }
    if (commit.parents.length === 0) return
    const what = `${recipe} ${repository.name} ${sha.slice(0, 7)} ${new Date(at).toISOString()} "${title}"`
    const whole = wholeModel(repository, commit, facts.byId)
    const { run } = whole
    if (run === null) {
      found('mixed', `${what}: ${whole.problem}`)
      return
    }
    for (const { words, ...one } of facts.meddlings) {
      if (one.repository !== repository || one.what !== 'card' || !isBefore(one.sha, commit)) continue
      if (lostWords.has(words) || textAt(repository, commit, 'README.md').includes(words)) continue
      lostWords.add(words)
      found('wrong', `${what} lost "${words}"`)
    }
    if (covered !== null && !mayBeOver(at)) found('wrong', `${what}: over a person's files`)
    covered = null
    const problem = judgeRun(run, { at, byHand: title.includes(' by hand ') })
    if (problem !== null) found('wrong', `${what}: ${run.id} ${problem}`)
    const claimedAt = facts.claimOf(run)?.at ?? run.at
    notePublished(standing, { run, commit: sha, claimedAt, byHand: title.includes(' by hand ') })
  }

  const isBefore = (sha: string, { parents }: Commit): boolean => {
    const order = [...repository.commits.keys()]
    return order.indexOf(sha) <= order.indexOf(parents[0] ?? '')
  }
  const mayBeOver = (at: number) =>
    facts.settings.some(
      (one, index) =>
        one.recipe === recipe && one.over && one.at <= at && nextOf(one, index) >= at - oldConfigMs,
    )
  const nextOf = ({ recipe: name }: PublishSetting, index: number) =>
    facts.settings.slice(index + 1).find((one) => one.recipe === name)?.at ?? Number.POSITIVE_INFINITY

  const judgeRun = (run: PaidStart, { at, byHand }: { at: number; byHand: boolean }): string | null => {
    if (run.recipe !== recipe) return `is of ${run.recipe}`
    if (run.end !== 'succeeded' || run.endsAt > at) return 'did not succeed'
    if (byHand) return facts.isAskedFor(run, at) ? null : 'was not asked for'
    const claim = facts.claimOf(run)
    if (claim === null) return 'has no record'
    if (claim.isOlder) return 'is of an older revision that a person asked for'
    const why = forbids(standing, { run, claimedAt: claim.at, compares })
    // What was published again without a commit moved the commit that a later run measured.
    const isUnclear = why === 'not better' && run.leaves?.measured != null
    return isUnclear ? null : why
  }

  const lookAtTags = (): void => {
    for (const [ref, sha] of repository.refs) {
      if (!ref.startsWith('refs/tags/data-')) continue
      const before = tags.get(ref)
      if (before === sha) continue
      tags.set(ref, sha)
      const commit = repository.commits.get(sha)
      const whole = commit === undefined ? null : wholeModel(repository, commit, facts.byId)
      const isOwn = whole?.run?.revision.startsWith(ref.slice('refs/tags/data-'.length).split('-')[0] ?? '')
      if (before !== undefined) found('wrong', `${recipe} ${ref} was moved`)
      else if (!isOwn) found('wrong', `${recipe} ${ref} points at another model`)
    }
  }

  return {
    look() {
      // Under another name nothing was published yet.
      if (name !== repository.name) standing = nothingPublished()
      name = repository.name
      if (repository.commits.size > seen) {
        for (const commit of [...repository.commits.values()].slice(seen)) lookAtCommit(commit)
        seen = repository.commits.size
      }
      lookAtTags()
    },
  }
}
