import * as z from 'zod/mini'
import { parseJson } from '../domain/parse-json.ts'
import { revisionPattern } from '../domain/revision.ts'
import { createHider } from '../http/hide-secret.ts'

/** The version that new records get. Readers check the fields, not this number. */
const currentVersion = 1

const maxReasonLength = 2000

const text = z.string()
const time = z.iso.datetime()
const count = z.int().check(z.gte(1))

/** The state of a run in the ledger; null while the revision is only claimed. */
const recordVerdicts = ['started', 'succeeded', 'failed', 'cancelled'] as const

/** Loose objects keep the fields of a newer version of the action when an older one changes the record. */
const recordSchema = z.looseObject({
  version: count,
  recipe: text,
  revision: text.check(z.regex(revisionPattern)),
  attempt: count.check(z.lte(999_999_999)),
  nonce: text.check(z.minLength(1)),
  atHead: z.boolean(),
  deliveryId: z.nullable(text),
  trigger: text,
  workflow: z.looseObject({ runId: text, runAttempt: count, url: text }),
  trainer: text,
  project: z.nullable(text),
  run: z.nullable(z.looseObject({ id: text, url: z.nullable(text) })),
  model: z.nullable(text),
  discussionUrl: z.nullable(text),
  verdict: z.nullable(z.enum(recordVerdicts)),
  reason: z.nullable(text),
  metrics: z.nullable(z.record(text, z.number())),
  costEstimate: z.nullable(z.number()),
  times: z.looseObject({ claimed: time, started: z.nullable(time), finished: z.nullable(time) }),
  deadline: z.nullable(time),
})

/**
 * What the ledger knows about one attempt at a revision. Everyone who can read the workflow's repository can read it: for
 * a private dataset in a public repository, leave out `discussionUrl` and the name in `reason`.
 *
 * - `nonce`: random, also given to the provider as a label, to find a run whose start was not recorded
 * - `atHead`: whether the revision was the head of the watched branch; the `revision` input may name an old one
 * - `verdict`: null while only claimed
 * - `costEstimate`: USD
 * - `times`, `deadline`: ISO 8601, UTC; the run must have ended by the deadline
 */
export type LedgerRecord = z.infer<typeof recordSchema>

/** The facts that a workflow run records with its claim. */
export interface Claimant {
  readonly atHead: boolean
  readonly deliveryId: string | null
  /** `dispatch`, `manual` or `schedule`. */
  readonly trigger: string
  readonly workflow: { readonly runId: string; readonly runAttempt: number; readonly url: string }
  readonly trainer: string
  readonly project: string | null
  /** USD. */
  readonly costEstimate: number | null
}

/** The changes to a record after its claim. */
export type RecordChanges = Partial<
  Pick<
    LedgerRecord,
    | 'project'
    | 'run'
    | 'model'
    | 'discussionUrl'
    | 'verdict'
    | 'reason'
    | 'metrics'
    | 'costEstimate'
    | 'deadline'
  >
> & {
  /** ISO 8601, UTC; null when the run never began. */
  readonly startedAt?: string | null
  readonly finishedAt?: string
}

/** Creates the record for a new claim. */
export function newRecord(
  claimant: Claimant,
  options: { recipe: string; revision: string; attempt: number; nonce: string; now: number },
): LedgerRecord {
  const { now, ...identity } = options
  return {
    version: currentVersion,
    ...identity,
    ...claimant,
    workflow: { ...claimant.workflow },
    run: null,
    model: null,
    discussionUrl: null,
    verdict: null,
    reason: null,
    metrics: null,
    times: { claimed: new Date(now).toISOString(), started: null, finished: null },
    deadline: null,
  }
}

/**
 * Applies changes to a record. A record with a run is at least `started`. The times `started` and `finished` are set to
 * now unless the changes have them.
 */
export function changeRecord(record: LedgerRecord, changes: RecordChanges, now: number): LedgerRecord {
  const { startedAt, finishedAt, ...fields } = changes
  const changed = { ...record, ...fields }
  const verdict = changed.verdict ?? (changed.run === null ? null : 'started')
  const at = new Date(now).toISOString()
  const started = verdict === 'started' || changed.run !== null ? at : null
  const finished = verdict === null || verdict === 'started' ? null : at
  const times = {
    ...record.times,
    started: startedAt === undefined ? (record.times.started ?? started) : startedAt,
    finished: finishedAt ?? record.times.finished ?? finished,
  }
  return { ...changed, verdict, times }
}

/**
 * Writes a record as JSON that people can read with `git cat-file -p`.
 *
 * @param secrets are replaced by `***`, also in encoded forms: error texts end up in `reason`
 * @throws Error when a field is invalid, which is a bug
 */
export function writeRecord(record: LedgerRecord, secrets: readonly string[]): string {
  const { metrics, reason } = record
  const hide = createHider(secrets)
  // JSON has no NaN: it would come back as null and make the record unreadable.
  const finite = metrics && Object.fromEntries(Object.entries(metrics).filter(([, n]) => Number.isFinite(n)))
  const written = {
    ...record,
    metrics: finite,
    reason: reason === null ? null : hide(reason).slice(0, maxReasonLength),
  }
  const result = JSON.stringify(
    written,
    (_name, value) => (typeof value === 'string' ? hide(value) : value),
    2,
  )
  const checked = recordSchema.safeParse(parseJson(result))
  if (!checked.success) throw new Error(`Invalid ledger record (bug): ${issuesOf(checked.error)}`)
  return `${result}\n`
}

function issuesOf({ issues }: z.core.$ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
}

/** Reads a record; null when it cannot be read, which does not mean that there was no run. */
export function readRecord(message: string): LedgerRecord | null {
  const result = recordSchema.safeParse(parseJson(message))
  return result.success ? result.data : null
}
