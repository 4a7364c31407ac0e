import { pathRule } from '../../src/recipe/paths.ts'
import type { Recipe } from '../../src/recipe/recipe.ts'
import type { SandboxHub } from '../sandbox/hub/start.ts'
import { diffTrees, emptyTree } from '../sandbox/hub/trees.ts'
import type { PaidStart } from './provider.ts'
import { recipeName } from './recipes.ts'
import type { MainCommit } from './users.ts'

/** What a simulation is judged by: all must be 0. */
export interface Judgement {
  /** Commits that had to train and were in no run within the time limit. */
  readonly lost: number
  /** Starts beyond the first for one recipe and revision. */
  readonly doubled: number
  /** Starts for which nothing that counts had changed since the last good run, or not of main. */
  readonly unneeded: number
}

/** A commit must be in a run within this time: the schedule comes every hour, and it may be killed too. */
export const coveredWithinMs = 6 * 3_600_000

/**
 * Judges by what the Hub has and what the provider was paid for alone; it knows nothing of the action's ways.
 *
 * @param options.commits to main, in their order
 */
export function judge(options: {
  hub: SandboxHub
  recipes: readonly Recipe[]
  commits: readonly MainCommit[]
  starts: readonly PaidStart[]
}): Judgement {
  const total = { lost: 0, doubled: 0, unneeded: 0 }
  for (const recipe of options.recipes) {
    const starts = options.starts.filter((start) => start.recipe === recipeName(recipe))
    const commits = options.commits.filter(({ dataset }) => dataset === recipe.inputDataset)
    const judged = judgeRecipe({ ...options, recipe, starts, commits })
    total.lost += judged.lost
    total.doubled += judged.doubled
    total.unneeded += judged.unneeded
  }
  return total
}

function judgeRecipe(options: {
  hub: SandboxHub
  recipe: Recipe
  commits: readonly MainCommit[]
  starts: readonly PaidStart[]
}): Judgement {
  const { hub, recipe, commits, starts } = options
  const repository = hub.repository(recipe.inputDataset)
  const counts = pathRule(recipe)
  const treeOf = (sha: string | undefined) =>
    sha === undefined ? emptyTree : repository.commits.get(sha)?.tree
  const matters = (from: string | undefined, to: string): boolean => {
    const [before, after] = [treeOf(from), treeOf(to)]
    if (before === undefined || after === undefined) return false
    return [...diffTrees(before, after).keys()].some(counts)
  }
  const order = new Map(commits.map(({ sha }, index) => [sha, index]))
  const place = (sha: string) => order.get(sha) ?? -1

  const lost = commits.filter(({ sha, at }) => {
    const parent = repository.commits.get(sha)?.parents[0]
    const covered = (start: PaidStart) =>
      place(start.revision) >= place(sha) && start.at <= at + coveredWithinMs
    return matters(parent, sha) && !starts.some(covered)
  })
  const doubled = starts.filter(
    (start, index) => starts.findIndex(({ revision }) => revision === start.revision) < index,
  )
  const unneeded = starts.filter((start, index) => {
    if (doubled.includes(start)) return false
    if (place(start.revision) < 0) return true
    const base = starts
      .slice(0, index)
      .findLast(({ end, endsAt }) => end === 'succeeded' || endsAt > start.at)
    return !matters(base?.revision, start.revision)
  })
  return { lost: lost.length, doubled: doubled.length, unneeded: unneeded.length }
}
