import { defaultRef } from '../domain/revision.ts'
import type { HubEvent, UpdatedRef } from './payload.ts'

/** What a recipe (or a relay route) watches. */
export interface Watched {
  /** `namespace/name`; any dataset when left out. */
  dataset?: string | undefined
  /** A full git ref. */
  ref: string
}

/** Whether an event is ours, and the rule that decided, in words. */
export type FilterResult =
  | { passed: true; rule: string; revision: string; oldRevision: string | null }
  | { passed: false; rule: string }

const ignored = (rule: string): FilterResult => ({ passed: false, rule })

/**
 * Decides whether an event says that the watched branch of the watched dataset has new content. Relay and
 * action call this same function. `headSha` is always main's head, whatever ref moved, so it counts only when
 * `updatedRefs` is absent. https://huggingface.co/docs/hub/webhooks#code-changes
 *
 * @param event a parsed Hub event
 * @param watched the dataset and the ref that are watched
 * @returns the new revision, or the rule that turned the event away
 */
export function filterEvent(event: HubEvent, watched: Watched): FilterResult {
  const { type, name } = event.repo
  if (type !== 'dataset') return ignored(`the repository is a ${quote(type)}, not a dataset`)
  if (watched.dataset !== undefined && watched.dataset !== name) {
    return ignored(otherDataset(watched.dataset, name))
  }
  const contentRule = notContent(event)
  if (contentRule !== null) return ignored(contentRule)
  if (event.updatedRefs == null) return decideByHead(event, watched.ref)
  return decideByRefs(event.updatedRefs, watched.ref)
}

function otherDataset(wanted: string, name: string): string {
  return wanted.toLowerCase() === name.toLowerCase()
    ? 'the dataset differs from the watched one in upper and lower case: write it as the Hub does'
    : 'the dataset is not the one that is watched'
}

/**
 * An unknown narrower scope counts as an update on its nearest known parent.
 * https://huggingface.co/docs/hub/webhooks#event
 */
function notContent({ event: { action, scope } }: HubEvent): string | null {
  if (scope.startsWith('repo.content.')) return null
  if (scope !== 'repo.content') return `the scope ${quote(scope)} says nothing about the dataset's content`
  return action === 'update' ? null : `the action on the content is ${quote(action)}, not update`
}

function decideByHead(event: HubEvent, ref: string): FilterResult {
  if (ref !== defaultRef) return ignored(`the event names no refs, and ${quote(ref)} is watched, not main`)
  const { headSha } = event.repo
  if (headSha == null) return ignored('the event names neither refs nor a head revision')
  return { passed: true, rule: 'the head of main is given', revision: headSha, oldRevision: null }
}

function decideByRefs(refs: UpdatedRef[], ref: string): FilterResult {
  const entries = refs.filter((entry) => entry.ref === ref)
  if (entries.length === 0) return ignored(`${quote(ref)} did not move, only ${listRefs(refs)}`)
  for (const { oldSha, newSha } of entries) {
    if (newSha != null && newSha !== oldSha) {
      return { passed: true, rule: `${quote(ref)} moved`, revision: newSha, oldRevision: oldSha ?? null }
    }
  }
  return ignored(entries[0]?.newSha == null ? `${quote(ref)} was deleted` : `${quote(ref)} did not change`)
}

function listRefs(refs: UpdatedRef[]): string {
  if (refs.length === 0) return 'an empty list of refs is given'
  const more = refs.length > 3 ? ` and ${refs.length - 3} more` : ''
  return refs
    .slice(0, 3)
    .map(({ ref }) => quote(ref))
    .join(', ')
    .concat(more)
}

/** Text from outside, cut and stripped to what a one-line sentence can show anywhere. */
function quote(text: string): string {
  return text.replaceAll(/[^\w./*:+-]/g, '?').slice(0, 80)
}
