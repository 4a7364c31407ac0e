import {
  type LedgerRecord,
  type RecordFacts,
  type RecordState,
  readRecord,
  writeRecord,
} from '../../../src/ledger/record.ts'
import { applyTransition } from '../../../src/ledger/transitions.ts'
import { addTag, gitStore } from '../../sandbox/github/git-store.ts'
import type { World } from '../../sandbox/world.ts'
import { names } from '../../sandbox/world.ts'

/** A claim of the ledger or a slot of a day, and the record that it holds. */
export interface LedgerLine {
  /** Without `refs/auto-retrain/` and the recipe's key: `0123...`, `0123...-2`, `day/2026-01-01/1`. */
  readonly place: string
  readonly ref: string
  /** As it lies in git. */
  readonly message: string
  readonly record: LedgerRecord
}

/**
 * What the sandbox GitHub's git holds of the ledger.
 *
 * @param prefix the project prefix of the recipe; all recipes when left out
 */
export function ledgerLines({ github }: Pick<World, 'github'>, prefix?: string): LedgerLine[] {
  const { refs, tags } = gitStore(repositoryOf({ github }))
  return [...refs].flatMap(([ref, sha]) => {
    const [, key, place] =
      /^refs\/auto-retrain\/(?!(?:seen|model)\/)([^/]+)\/(?!renamed$|publish\/)(.+)$/.exec(ref) ?? []
    if (key === undefined || place === undefined) return []
    if (prefix !== undefined && !new RegExp(`^[a-z0-9]+-${prefix}-[0-9a-f]{8}$`).test(key)) return []
    const message = tags.get(sha)?.message ?? ''
    const record = readRecord(message)
    if (record === null) throw new Error(`${ref} holds no record: ${message}`)
    return [{ place, ref, message, record }]
  })
}

/** The claims of a recipe: the record of each attempt at each revision, oldest first. */
export function claims(world: Pick<World, 'github'>, prefix: string): LedgerRecord[] {
  return claimLines(world, prefix).map(({ record }) => record)
}

/** As {@link claims}, with their refs. */
export function claimLines(world: Pick<World, 'github'>, prefix: string): LedgerLine[] {
  return ledgerLines(world, prefix).filter(({ place }) => !place.startsWith('day/'))
}

/** Lets an attempt have been claimed some minutes earlier, as its claim and its slot of the day say. */
export function ageClaim(world: Pick<World, 'github'>, prefix: string, minutes: number): void {
  for (const { ref, record } of ledgerLines(world, prefix)) {
    const claimed = new Date(Date.parse(record.times.claimed) - minutes * 60_000).toISOString()
    const times = { ...record.times, claimed }
    replaceRecord(
      world,
      ref,
      writeRecord({ ...record, times }, (text) => text),
    )
  }
}

/** Lets an attempt have ended, in the state that its facts are of; what was seen while it ran is forgotten. */
export function endClaim(
  world: Pick<World, 'github'>,
  { ref, record }: LedgerLine,
  { state, ...facts }: RecordFacts & { state: RecordState },
): void {
  const ended = applyTransition(record, state, { facts, now: Date.now() })
  replaceRecord(
    world,
    ref,
    writeRecord(ended, (text) => text),
  )
  const { refs } = gitStore(repositoryOf(world))
  const seen = [...refs.keys()].filter((name) => name.endsWith(`/${record.recipe}`))
  for (const name of seen) refs.delete(name)
}

/** Lets a ref of the ledger hold another record. */
export function replaceRecord(world: Pick<World, 'github'>, ref: string, message: string): void {
  const repository = repositoryOf(world)
  const store = gitStore(repository)
  const object = { type: 'commit', sha: repository.headSha }
  store.refs.set(ref, addTag(store, { tag: ref.replace('refs/', ''), message, object }, Date.now()).sha)
}

function repositoryOf({ github }: Pick<World, 'github'>) {
  const repository = github.repositories.find(({ name }) => name === names.repository)
  if (repository === undefined) throw new Error('The world has no repository for the workflow.')
  return repository
}
