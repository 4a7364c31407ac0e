import * as z from 'zod/mini'
import { revisionPattern } from '../domain/revision.ts'

/** `namespace/name`; old canonical repositories have no namespace. Nothing else is a repository name on the Hub. */
const repositoryNamePattern = /^(?:[\w.-]{1,96}\/)?[\w.-]{1,96}$/

const revision = z.string().check(z.regex(revisionPattern))
const refName = z.string().check(z.minLength(1), z.maxLength(1024))

/** Longer than any word or id of the Hub: what is passed on must fit into a dispatch. */
const shortText = z.string().check(z.maxLength(200))

/** A field we only pass on: when the Hub gives it another type one day, it is left out and the event still counts. */
const passedOn = <T extends z.ZodMiniType>(type: T) =>
  z.optional(
    z.pipe(
      z.unknown(),
      z.transform((value) => z.safeParse(type, value).data),
    ),
  )

/**
 * The part of the Hub's webhook payload (v3) that we read. Required is only what the filter decides on;
 * unknown fields, scopes and versions are accepted, because a strict schema would lose events on the day
 * the Hub adds something.
 * https://huggingface.co/docs/hub/webhooks#webhook-payloads
 */
const hubEventSchema = z.object({
  event: z.object({ action: shortText, scope: shortText }),
  repo: z.object({
    type: shortText,
    name: z.string().check(z.regex(repositoryNamePattern)),
    id: passedOn(shortText),
    private: passedOn(z.boolean()),
    headSha: z.nullish(revision),
  }),
  updatedRefs: z.nullish(
    z.array(z.object({ ref: refName, oldSha: z.nullish(revision), newSha: z.nullish(revision) })),
  ),
  webhook: passedOn(z.object({ id: passedOn(shortText), version: passedOn(z.number()) })),
})

/** What the Hub's webhook says happened. */
export type HubEvent = z.infer<typeof hubEventSchema>

/** One entry of `updatedRefs`: `oldSha` is null for a created ref, `newSha` for a deleted one. */
export type UpdatedRef = NonNullable<HubEvent['updatedRefs']>[number]

/** A parsed event, or the paths of the fields that do not fit (`repo.name`); never the values, which are hostile. */
export type ParsedEvent = { ok: true; event: HubEvent } | { ok: false; fields: string[] }

/**
 * Reads a decoded JSON value as a Hub event.
 *
 * @param value anything that `JSON.parse` returned
 * @returns the event, or at most ten paths of fields that are missing or of the wrong form
 */
export function parseHubEvent(value: unknown): ParsedEvent {
  const result = hubEventSchema.safeParse(value)
  if (result.success) return { ok: true, event: result.data }
  const fields = result.error.issues.map((issue) => issue.path.join('.') || '(the whole body)')
  return { ok: false, fields: [...new Set(fields)].slice(0, 10) }
}
