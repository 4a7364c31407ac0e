import * as z from 'zod/mini'
import { parseJson } from '../../domain/parse-json.ts'
import { publicationEnds } from '../../domain/publication.ts'
import { revisionPattern } from '../../domain/revision.ts'
import { cutText } from '../../domain/text/cut.ts'
import { unmeasuredSchema } from '../record.ts'

const maxReasonLength = 2000

const text = z.string()
const time = z.iso.datetime()
const count = z.int().check(z.gte(1))
const commit = text.check(z.regex(revisionPattern))
const metrics = z.record(text, z.number())

/** Loose objects: what a newer version of the action wrote is kept as it is. */
const begunSchema = z.looseObject({
  version: z.literal(1),
  recipe: text,
  n: count,
  tries: count,
  to: text,
  from: z.looseObject({
    model: text,
    commit: z.nullable(commit),
    revision: commit,
    attempt: count,
    nonce: text,
    claimed: time,
    metrics,
    unmeasured: z.optional(z.array(unmeasuredSchema)),
    publishedThen: z.optional(z.nullable(text)),
  }),
  byHand: z.boolean(),
  workflow: z.looseObject({ runId: text, runAttempt: count, url: text }),
  at: time,
  until: z.optional(time),
})

const doneSchema = z.looseObject({
  version: z.literal(1),
  recipe: text,
  n: count,
  end: z.enum(publicationEnds),
  reason: text,
  commit: z.nullable(commit),
  parent: z.nullable(commit),
  tag: z.nullable(text),
  tree: z.nullable(text),
  gate: z.nullable(
    z.looseObject({
      metric: text,
      value: z.nullable(z.number()),
      baseline: z.nullable(z.number()),
      rows: z.nullable(z.enum(['same', 'other'])),
    }),
  ),
  workflow: z.looseObject({ runId: text, runAttempt: count, url: text }),
  at: time,
})

/**
 * A publication that was begun: the object of the create-only ref `publish/{n}`, and of `publish/{n}-2` and `-3`, where
 * another check took it over.
 *
 * - `to`: the stable model, `namespace/name`
 * - `from`: the run's model at a commit (null: it was gone), and what the ledger knows of that run
 *   (`publishedThen`: the commit of the stable model that was published when it was claimed)
 * - `byHand`: whether a person asked for it with `publish-revision`
 * - `workflow`, `at`: who, and when; `until`: a try that moves much through its runner is not over before
 */
export type Begun = z.infer<typeof begunSchema>

/**
 * How a publication ended: the object of the create-only ref `publish/{n}-done`.
 *
 * - `commit`, `parent`: of the stable model: what is published, and what was its head before
 * - `tree`: SHA-256 over the files that are there now, to tell another's commit
 * - `gate`: what was compared
 */
export type Done = z.infer<typeof doneSchema>

/** A publication with its end; null while it has none. */
export interface PublicationEntry {
  readonly n: number
  /** Its newest try. */
  readonly begun: Begun
  readonly done: Done | null
}

/**
 * Writes an object of a publication as JSON that people can read with `git cat-file -p`.
 *
 * @param hide replaces secrets: error texts end up in `reason`
 */
export function writePublication(record: Begun | Done, hide: (text: string) => string): string {
  const reason = 'reason' in record ? { reason: cutText(hide(String(record.reason)), maxReasonLength) } : {}
  const hidden = (_name: string, value: unknown) => (typeof value === 'string' ? hide(value) : value)
  return `${JSON.stringify({ ...record, ...reason }, hidden, 2)}\n`
}

/** Reads the beginning of a publication; null when it is none. */
export function readBegun(message: string | null): Begun | null {
  const read = begunSchema.safeParse(message === null ? null : parseJson(message))
  return read.success ? read.data : null
}

/** Reads the end of a publication; null when it is none. */
export function readDone(message: string | null): Done | null {
  const read = doneSchema.safeParse(message === null ? null : parseJson(message))
  return read.success ? read.data : null
}
