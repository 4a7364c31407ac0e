import * as z from 'zod/mini'
import { repoNamePattern, revisionPattern } from '../domain/revision.ts'

const revision = z.string().check(z.regex(revisionPattern))
const refName = z.string().check(z.minLength(1), z.maxLength(1024))

/** Longer than any word or id of the Hub, and short enough for a dispatch. */
const shortText = z.string().check(z.maxLength(200))

/** A field that is only forwarded: when the Hub changes its type, it is dropped and the event still counts. */
const forwarded = <T extends z.ZodMiniType>(type: T) =>
  z.optional(
    z.pipe(
      z.unknown(),
      z.transform((value) => z.safeParse(type, value).data),
    ),
  )

/**
 * The part of the Hub's webhook payload (v3) that is read here. Only the fields of the filter are required. Unknown
 * fields, scopes and versions are accepted, because a strict schema would lose events once the Hub adds something.
 * https://huggingface.co/docs/hub/webhooks#webhook-payloads
 */
const hubEventSchema = z.object({
  event: z.object({ action: shortText, scope: shortText }),
  repo: z.object({
    type: shortText,
    name: z.string().check(z.regex(repoNamePattern)),
    id: forwarded(shortText),
    private: forwarded(z.boolean()),
    headSha: z.nullish(revision),
  }),
  updatedRefs: z.nullish(
    z.array(z.object({ ref: refName, oldSha: z.nullish(revision), newSha: z.nullish(revision) })),
  ),
  /** The new name, in an event of the action `move`. */
  movedTo: forwarded(z.object({ name: z.string().check(z.regex(repoNamePattern)) })),
  webhook: forwarded(z.object({ id: forwarded(shortText), version: forwarded(z.number()) })),
})

/** An event as the Hub's webhook reports it. */
export type HubEvent = z.infer<typeof hubEventSchema>

/** One entry of `updatedRefs`; `oldSha` is null for a created ref, `newSha` for a deleted one. */
export type UpdatedRef = NonNullable<HubEvent['updatedRefs']>[number]

/** A parsed event, or the paths of invalid fields (`repo.name`), without their values, which may be hostile. */
export type ParsedEvent = { ok: true; event: HubEvent } | { ok: false; fields: string[] }

/**
 * Parses a decoded JSON value as a Hub event.
 *
 * @param value any decoded JSON value
 * @returns the event, or the paths of at most ten missing or invalid fields
 */
export function parseHubEvent(value: unknown): ParsedEvent {
  const result = hubEventSchema.safeParse(value)
  if (result.success) return { ok: true, event: result.data }
  const fields = result.error.issues.map((issue) => issue.path.join('.') || '(the whole body)')
  return { ok: false, fields: [...new Set(fields)].slice(0, 10) }
}
