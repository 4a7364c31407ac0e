import * as z from 'zod/mini'
import { maxMetricNames, unusableValues } from '../domain/metrics/measured.ts'
import { parseJson } from '../domain/parse-json.ts'
import { revisionPattern } from '../domain/revision.ts'
import { cutText } from '../domain/text/cut.ts'
import { type EndCause, endCauses } from '../domain/training.ts'

/** Written into new records; `readRecord` has the one mapping from version 1. */
const currentVersion = 2

const maxReasonLength = 2000

const text = z.string()
const time = z.iso.datetime()
const count = z.int().check(z.gte(1))
const whole = z.int().check(z.gte(0))
const sha256 = text.check(z.regex(/^[0-9a-f]{64}$/))

/** Where an attempt stands. The last three are its end. */
export const recordStates = [
  'claimed',
  'started',
  'out-of-sight',
  'succeeded',
  'failed',
  'cancelled',
] as const

/** One of the states of an attempt. */
export type RecordState = (typeof recordStates)[number]

const dataSchema = z.looseObject({
  digest: sha256,
  rules: sha256,
  files: whole,
  bytes: whole,
  classes: z.nullable(z.record(text, whole)),
  classCount: whole,
  packed: z.optional(z.boolean()),
  rows: z.optional(z.nullable(whole)),
})

/** A metric whose last value was no number, in a record. */
export const unmeasuredSchema = z.looseObject({
  name: text,
  value: z.enum(unusableValues),
  epoch: z.nullable(z.number()),
})

/** Loose objects: what a newer version of the action wrote is kept when an older one changes the record. */
const recordSchema = z.looseObject({
  version: z.literal(currentVersion),
  recipe: text,
  revision: text.check(z.regex(revisionPattern)),
  attempt: count.check(z.lte(999_999_999)),
  nonce: text.check(z.minLength(1)),
  state: z.enum(recordStates),
  began: z.boolean(),
  cause: z.nullable(z.enum(endCauses)),
  gaveWay: z.optional(z.boolean()),
  reason: z.nullable(text),
  atHead: z.boolean(),
  automatic: z.boolean(),
  trigger: text,
  deliveryId: z.nullable(text),
  workflow: z.looseObject({ runId: text, runAttempt: count, url: text }),
  trainer: text,
  project: z.nullable(text),
  model: z.nullable(text),
  modelHead: z.nullable(text),
  run: z.nullable(z.looseObject({ id: text, url: z.nullable(text) })),
  discussionUrl: z.nullable(text),
  metrics: z.nullable(z.record(text, z.number())),
  unmeasured: z.optional(z.array(unmeasuredSchema)),
  costEstimate: z.nullable(z.number()),
  cost: z.nullable(z.number()),
  trainedMs: z.nullable(z.number()),
  times: z.looseObject({
    claimed: time,
    ordered: z.nullable(time),
    started: z.nullable(time),
    finished: z.nullable(time),
  }),
  deadline: z.nullable(time),
  data: z.nullable(dataSchema),
  howItRuns: z.nullable(text),
  whatItMakes: z.nullable(text),
  baseModel: z.nullable(text),
  dataset: z.nullable(z.looseObject({ id: z.nullable(text), family: text })),
  publishTo: z.nullable(text),
  publish: z.nullable(z.enum(['due'])),
  publishedThen: z.optional(z.nullable(z.looseObject({ model: text, commit: text }))),
  startedFrom: z.optional(z.nullable(z.looseObject({ model: text, revision: text }))),
  warmStarts: z.optional(whole),
})

/**
 * What the ledger knows of one attempt at a revision. It lies in the workflow's repository, readable by everyone who
 * can read that: where the dataset is less public, the writer leaves out `discussionUrl`, the names of classes and
 * whatever names the dataset in `reason`.
 *
 * - `nonce`: random, also a label of the provider's run, to find a run whose start was not recorded
 * - `state`, `began`, `cause`: docs/ledger.md; `began` is whether the provider ever ran it
 * - `gaveWay`: whether it was stopped because an older run on the same data went on, whose end decides
 * - `atHead`: whether the revision was the head of the watched branch; only such a record can be a base
 * - `automatic`: whether an event or a timer started it, not a person: bounds what comes back by itself
 * - `modelHead`: the newest commit of the run's model before the order; null: there was no such model
 * - `unmeasured`: the metrics whose last value was no number; absent where there are none
 * - `costEstimate`, `cost`: USD; the most it can cost, and what it did
 * - `trainedMs`: how long the provider ran it
 * - `times`, `deadline`: ISO 8601, UTC; by the deadline the run must have ended
 * - `data`, `howItRuns`, `whatItMakes`, `baseModel`: what was trained on and how, to tell whether it is worth a run again
 * - `dataset`: the Hub's id of the dataset and a hash of the recipe key without the dataset's name, for renames
 * - `publishTo`, `publish`: the stable name that was asked for at the claim, and whether the publication is due
 * - `publishedThen`: what was published at the claim, which the training may measure; absent or null: nothing
 * - `startedFrom`: the published run's model, and its commit, that the training starts from; absent or null: the base model
 * - `warmStarts`: how many trainings in a row started from the one before, with this one; absent: none
 */
export type LedgerRecord = z.infer<typeof recordSchema>

/** What only the claim can say. */
export type ClaimFacts = Pick<
  LedgerRecord,
  | 'atHead'
  | 'automatic'
  | 'trigger'
  | 'deliveryId'
  | 'workflow'
  | 'trainer'
  | 'project'
  | 'model'
  | 'modelHead'
  | 'costEstimate'
  | 'deadline'
  | 'data'
  | 'howItRuns'
  | 'whatItMakes'
  | 'baseModel'
  | 'dataset'
  | 'publishTo'
  | 'publishedThen'
  | 'startedFrom'
  | 'warmStarts'
>

/** What may change in the life of a record, beside its state and its times. */
export type RecordFacts = Partial<
  Pick<
    LedgerRecord,
    | 'began'
    | 'cause'
    | 'data'
    | 'gaveWay'
    | 'reason'
    | 'run'
    | 'discussionUrl'
    | 'metrics'
    | 'unmeasured'
    | 'cost'
    | 'trainedMs'
    | 'deadline'
    | 'publish'
  >
> & {
  /** When the order was sent. */
  readonly orderedAt?: string
}

/** The record of a claim that is about to be made. */
export function newRecord(
  facts: ClaimFacts,
  options: { recipe: string; revision: string; attempt: number; nonce: string; now: number },
): LedgerRecord {
  const { now, ...identity } = options
  return {
    version: currentVersion,
    ...identity,
    state: 'claimed',
    began: false,
    cause: null,
    reason: null,
    ...facts,
    workflow: { ...facts.workflow },
    run: null,
    discussionUrl: null,
    metrics: null,
    cost: null,
    trainedMs: null,
    times: { claimed: new Date(now).toISOString(), ordered: null, started: null, finished: null },
    publish: null,
  }
}

/** Whether an attempt has ended. */
export function hasEnded({ state }: Pick<LedgerRecord, 'state'>): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled'
}

/** Whether an attempt's run may be running now: it was started, and its end is not known. */
export function mayRun({ state }: Pick<LedgerRecord, 'state'>): boolean {
  return state === 'started' || state === 'out-of-sight'
}

/** Whether there is something left to find out or to do about an attempt. */
export function isOpen(record: Pick<LedgerRecord, 'state' | 'publish'>): boolean {
  return !hasEnded(record) || record.publish === 'due'
}

/** The page where a person can look at an attempt: of its run, else of its workflow run. */
export function linkOf({ run, workflow }: Pick<LedgerRecord, 'run' | 'workflow'>): string {
  return run?.url ?? workflow.url
}

/**
 * Writes a record as JSON that people can read with `git cat-file -p`.
 *
 * @param hide replaces secrets, in all their forms: error texts end up in `reason`
 * @throws Error naming the field when the record is invalid, which is a bug of the caller
 */
export function writeRecord(record: LedgerRecord, hide: (text: string) => string): string {
  const { metrics, unmeasured, reason } = record
  // JSON has no NaN: it would come back as null and make the record unreadable.
  const finite = metrics && Object.entries(metrics).filter(([, n]) => Number.isFinite(n))
  const written = {
    ...record,
    metrics: finite && Object.fromEntries(finite.slice(0, maxMetricNames)),
    unmeasured: unmeasured?.slice(0, maxMetricNames),
    // Hidden before the cut: half a secret would not be recognised afterwards.
    reason: reason === null ? null : cutText(hide(reason), maxReasonLength),
  }
  const result = JSON.stringify(
    written,
    (_name, value) => (typeof value === 'string' ? hide(value) : value),
    2,
  )
  const checked = recordSchema.safeParse(JSON.parse(result))
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new Error(`Invalid ledger record (bug): ${issue?.path.join('.')}: ${issue?.message}`)
  }
  return `${result}\n`
}

/**
 * Reads a record, of this version or of version 1.
 *
 * @returns null when it is none; a caller must not take null for "there was no run"
 */
export function readRecord(message: string): LedgerRecord | null {
  const value = parseJson(message)
  const result = recordSchema.safeParse(value)
  if (result.success) return result.data
  const first = firstVersion.safeParse(value)
  return first.success ? fromFirstVersion(first.data) : null
}

const firstVersion = z.looseObject({
  version: z.literal(1),
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
  verdict: z.nullable(z.enum(['started', 'succeeded', 'failed', 'cancelled'])),
  reason: z.nullable(text),
  metrics: z.nullable(z.record(text, z.number())),
  costEstimate: z.nullable(z.number()),
  times: z.looseObject({ claimed: time, started: z.nullable(time), finished: z.nullable(time) }),
  deadline: z.nullable(time),
})

/** The deadline of a claim of version 1, which had none before its start: longer than any run that it ordered. */
const firstClaimMs = 24 * 3_600_000

/** Version 1 had no cause of an end, and called a claim without a run cancelled. */
function fromFirstVersion({ verdict, ...first }: z.infer<typeof firstVersion>): LedgerRecord {
  const began = first.times.started !== null
  const neverBegan = verdict === 'cancelled' && first.times.started === null
  const causes: Partial<Record<string, EndCause>> = { failed: 'training', cancelled: 'workflow' }
  const lastly = new Date(Date.parse(first.times.claimed) + firstClaimMs).toISOString()
  return {
    ...first,
    version: currentVersion,
    state: neverBegan ? 'failed' : (verdict ?? 'claimed'),
    began,
    cause: neverBegan ? 'infrastructure' : (causes[verdict ?? ''] ?? null),
    automatic: first.trigger !== 'manual',
    modelHead: null,
    cost: null,
    trainedMs: null,
    deadline: first.deadline ?? (verdict === null ? lastly : null),
    times: { ...first.times, ordered: first.times.started },
    data: null,
    howItRuns: null,
    whatItMakes: null,
    baseModel: null,
    dataset: null,
    publishTo: null,
    publish: null,
  }
}
