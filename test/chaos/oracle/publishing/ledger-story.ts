import {
  type Begun,
  type Done,
  readBegun,
  readDone,
} from '../../../../src/ledger/publications/publication-record.ts'
import type { GitStore } from '../../../sandbox/github/git-store.ts'

/** A publication as the ledger has it. */
export interface Told {
  readonly n: number
  /** How often it was tried. */
  readonly tries: number
  /** Its first try. */
  readonly begun: Begun
  readonly done: Done | null
}

const place = /^refs\/auto-retrain\/([^/]+)\/publish\/(\d+)(?:-(\d+|done))?$/

/**
 * The publications of a recipe in their order.
 *
 * @param key of the recipe in the ledger
 */
export function toldByLedger({ refs, tags }: Pick<GitStore, 'refs' | 'tags'>, key: string): Told[] {
  const all = new Map<number, { tries: number; begun: Begun | null; done: Done | null }>()
  for (const [ref, sha] of refs) {
    const [, recipe, n, part = '1'] = place.exec(ref) ?? []
    if (recipe !== key || n === undefined) continue
    const message = tags.get(sha)?.message ?? null
    const one = all.get(Number(n)) ?? { tries: 0, begun: null, done: null }
    all.set(Number(n), one)
    if (part === 'done') one.done = readDone(message)
    else one.tries = Math.max(one.tries, Number(part))
    if (part === '1') one.begun = readBegun(message)
  }
  return [...all]
    .sort(([a], [b]) => a - b)
    .map(([n, { begun, ...rest }]) => {
      if (begun === null) throw new Error(`Publication ${n} of ${key} has no beginning.`)
      return { n, begun, ...rest }
    })
}
