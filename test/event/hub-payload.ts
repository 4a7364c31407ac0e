import type { HubEvent } from '../../src/event/payload.ts'
import { parseHubEvent } from '../../src/event/payload.ts'

/** A webhook payload before it is parsed. */
export type Payload = Record<string, unknown>

/** A full commit id made of one digit. */
export const shaOf = (digit: string): string => digit.repeat(40)

const urls = {
  web: 'https://hub.test/datasets/acme/digits',
  api: 'https://hub.test/api/datasets/acme/digits',
}

const repo = {
  type: 'dataset',
  name: 'acme/digits',
  id: '621ffdc036468d709f174328',
  private: false,
  url: urls,
  owner: { id: '61d2000c3c2083e1c08af22d' },
}

const webhook = { id: '6390e855e30d9209411de93b', version: 3 }

const discussion = {
  id: '639885d811ae2bad2b7ba461',
  num: 1,
  title: 'More sevens',
  status: 'open',
  isPullRequest: false,
  pinned: false,
  author: { id: '61d2000c3c2083e1c08af22d' },
  url: { web: `${urls.web}/discussions/1`, api: `${urls.api}/discussions/1` },
}

const comment = {
  id: '6398872887bfcfb93a306f18',
  author: { id: '61d2000c3c2083e1c08af22d' },
  hidden: false,
  content: 'These sevens look like ones.',
  url: { web: `${urls.web}/discussions/1#6398872887bfcfb93a306f18` },
}

/**
 * One payload for each scope of version 3, as the Hub documents them. `headSha` comes with scopes that begin
 * with `repo` only. https://huggingface.co/docs/hub/webhooks#webhook-payloads
 */
export const payloadsByScope: Readonly<Record<string, () => Payload>> = {
  repo: () => payload({ event: { action: 'create', scope: 'repo' } }),
  'repo.content': () => pushPayload(),
  'repo.config': () =>
    payload({ event: { action: 'update', scope: 'repo.config' }, updatedConfig: { private: false } }),
  discussion: () =>
    payload({ event: { action: 'create', scope: 'discussion' }, repo: { ...repo }, discussion, comment }),
  'discussion.comment': () =>
    payload({
      event: { action: 'create', scope: 'discussion.comment' },
      repo: { ...repo },
      discussion,
      comment,
    }),
}

/** A payload of scope `repo`, or what is given in its place. */
export function payload(change: Payload = {}): Payload {
  return structuredClone({
    event: { action: 'update', scope: 'repo' },
    repo: { ...repo, headSha: shaOf('b') },
    webhook,
    ...change,
  })
}

/** A commit on main, from revision `a...` to revision `b...`. */
export function pushPayload(change: Payload = {}): Payload {
  return payload({
    event: { action: 'update', scope: 'repo.content' },
    updatedRefs: [{ ref: 'refs/heads/main', oldSha: shaOf('a'), newSha: shaOf('b') }],
    ...change,
  })
}

/** A copy of a payload in which the value at a path (`repo.headSha`) is another; undefined takes it away. */
export function withValue(original: Payload, path: string, value: unknown): Payload {
  const copy = structuredClone(original)
  const steps = path.split('.')
  const last = steps.pop() ?? ''
  let place = copy
  for (const step of steps) place = place[step] as Payload
  if (value === undefined) delete place[last]
  else place[last] = value
  return copy
}

/** Parses a payload that must be a good one. */
export function eventOf(value: Payload): HubEvent {
  const parsed = parseHubEvent(value)
  if (!parsed.ok) throw new Error(`The payload is not good: ${parsed.fields.join(', ')}`)
  return parsed.event
}
