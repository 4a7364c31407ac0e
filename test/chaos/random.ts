import { seededRandom } from '../sandbox/seeded-random.ts'

/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number
  /** True that often. */
  chance(probability: number): boolean
  /** A whole number from `min` up to and including `max`. */
  between(min: number, max: number): number
  pick<T>(values: readonly T[]): T
  bytes(count: number): Uint8Array
  /** Numbers of their own for one thing, so that what happens elsewhere does not change them. */
  fork(name: string): Random
}

/**
 * @param seed any whole number
 */
export function createRandom(seed: number): Random {
  const next = seededRandom(seed)
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (values) => values[between(0, values.length - 1)] as (typeof values)[number],
    bytes: (count) => Uint8Array.from({ length: count }, () => between(0, 255)),
    fork: (name) => createRandom(hash(`${seed} ${name}`)),
  }
}

/** FNV-1a. http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}
