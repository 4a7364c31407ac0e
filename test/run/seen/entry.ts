import type { Recipe } from '../../../src/domain/recipe.ts'
import type { Seen } from '../../../src/event/seen.ts'
import { digits, type Rig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'

/** What a recipe last saw, read anew; null when nothing was written. */
export async function entryOf(rig: Rig, recipe: Recipe = digits()): Promise<Seen | null> {
  const ledger = await rig.home.ledgerOf(recipe)
  await ledger.prepare(null)
  return ledger.seen()
}

/** How many minutes after now a recipe's head is to be checked again; null: nothing is left to do. */
export async function againIn(rig: Rig, recipe: Recipe = digits()): Promise<number | null> {
  const entry = await entryOf(rig, recipe)
  if (entry === null) throw new Error('The recipe has no entry.')
  return entry.again === null ? null : (Date.parse(entry.again) - rig.home.clock.now()) / minute
}

/** How often entries were written so far. */
export function writtenEntries(rig: Rig): number {
  return rig.home.github.requests.filter(
    ({ method, path, body }) =>
      method !== 'GET' && `${path} ${JSON.stringify(body)}`.includes('refs/auto-retrain/seen/'),
  ).length
}
