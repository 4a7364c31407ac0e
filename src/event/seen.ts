import * as z from 'zod/mini'
import { revisionPattern } from '../domain/revision.ts'
import { comesBackKinds, verdicts } from '../domain/verdict.ts'
import { hashHex } from './hash.ts'

/** Where the entries live in the workflow's repository, below the ledger's own prefix. */
export const seenPrefix = 'refs/auto-retrain/seen/'

const text = z.string()

const seenSchema = z.looseObject({
  revision: text.check(z.regex(revisionPattern)),
  verdict: z.enum(verdicts),
  reason: text,
  warns: z.optional(z.boolean()),
  // A kind that only a newer version knows must not hide the rest of the entry.
  comesBack: z.optional(z.catch(z.nullable(z.enum(comesBackKinds)), null)),
  again: z.nullable(z.iso.datetime()),
  wait: z.number(),
  workflow: text,
  config: z.nullable(text),
  howItRuns: text,
  howItChecks: z.optional(text),
  claims: z.optional(z.number()),
  models: z.array(text),
})

/**
 * What a recipe last saw at the head of its dataset: what a reconciler goes by, and what saves the next check its work.
 *
 * - `warns`: whether the reason is an earlier failure, so that a skip that trusts the entry is a warning
 * - `comesBack`: what happens without a person, for the same skip
 * - `again`: when to check again, ISO 8601 UTC; null: nothing is left to do for this revision
 * - `wait`: the milliseconds that `again` is ahead, for what doubles
 * - `workflow`, `config`: the owner of the entry, `owner/repo/.github/workflows/x.yml@ref` and the config file's path
 * - `howItRuns`, `howItChecks`: hashes of the recipe at the time
 * - `claims`: how many attempts the recipe had: with another number, there is one that the entry knows nothing of
 * - `models`: what else it watches, by name where public, else hashed
 */
export type Seen = z.infer<typeof seenSchema>

/** Reads an entry; null when there is none, or none that this version can read. */
export function readSeen(message: string | null): Seen | null {
  try {
    const result = seenSchema.safeParse(JSON.parse(message ?? ''))
    return result.success ? result.data : null
  } catch {
    return null
  }
}

/**
 * The prefix of the entries of a dataset's ref: the dataset's name is only hashed, since the repository may be more
 * public than the dataset. Relay and action share it, so that it uses web standards only.
 */
export async function seenPrefixOf({ dataset, ref }: { dataset: string; ref: string }): Promise<string> {
  return `${seenPrefix}${await hashHex(JSON.stringify([dataset, ref]), 8)}/`
}

/**
 * The ref of a recipe's entry.
 *
 * @param options.key of the recipe in the ledger
 */
export async function seenRef(options: { dataset: string; ref: string; key: string }): Promise<string> {
  return `${await seenPrefixOf(options)}${options.key}`
}
