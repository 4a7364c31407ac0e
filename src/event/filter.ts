import { defaultRef } from '../domain/revision.ts'
import { isSameText } from '../domain/text/clean.ts'
import type { HubEvent, UpdatedRef } from './payload.ts'
import { isReconcile, reconcileAction } from './reconcile.ts'

/** The dataset and the branch that a recipe or a relay route watches. */
export interface Watched {
  /** `namespace/name`; any dataset when absent. */
  dataset?: string | undefined
  /** A full git ref. */
  ref: string
  /** Whether the event is from an opened envelope, in which the relay may ask for a check. @default false */
  isOpened?: boolean
}

/** Whether an event passed the filter, and the rule that decided, as a phrase for people. */
export type FilterResult =
  | { passed: true; rule: string; revision: string; oldRevision: string | null }
  | { passed: false; rule: string }

const rejected = (rule: string): FilterResult => ({ passed: false, rule })

/**
 * Decides whether an event reports new content on the watched branch of the watched dataset. The relay and the action
 * both use this function. `headSha` is always main's head, even if another ref moved, so it counts only when
 * `updatedRefs` is absent. https://huggingface.co/docs/hub/webhooks#code-changes
 *
 * @param event a parsed Hub event
 * @param watched the dataset and the ref to watch
 * @returns the new revision, or the rule that rejected the event
 */
export function filterEvent(event: HubEvent, watched: Watched): FilterResult {
  const { type, name } = event.repo
  if (type !== 'dataset') return rejected(`the repository is a ${quote(type)}, not a dataset`)
  if (watched.dataset !== undefined && watched.dataset !== name) {
    return rejected(otherDataset(watched.dataset, name))
  }
  if (isReconcile(event)) return decideCheck(event, watched)
  const contentRule = notContent(event)
  if (contentRule !== null) return rejected(contentRule)
  if (event.updatedRefs == null) return decideByHead(event, watched.ref)
  return decideByRefs(event.updatedRefs, watched.ref)
}

/** Decides about a check that the relay asks for by itself, which says where the head is and not what moved. */
function decideCheck({ updatedRefs }: HubEvent, { ref, isOpened = false }: Watched): FilterResult {
  if (!isOpened) {
    return rejected(
      `the action is ${quote(reconcileAction)}, which counts only in an envelope that the relay signed`,
    )
  }
  const revision = updatedRefs?.find((entry) => isSameText(entry.ref, ref))?.newSha ?? null
  if (revision !== null) {
    return { passed: true, rule: `a check of ${quote(ref)} is asked for`, revision, oldRevision: null }
  }
  return rejected(
    `a check of ${listRefs(updatedRefs ?? []) || 'no branch'} is asked for, not of ${quote(ref)}`,
  )
}

function otherDataset(wanted: string, name: string): string {
  return wanted.toLowerCase() === name.toLowerCase()
    ? "the dataset's name differs from the watched one in upper and lower case only: write it as the Hub does"
    : 'this dataset is not watched'
}

/**
 * Returns the rule that rejects an event without new content, or null. An unknown narrower scope counts as an update of
 * its nearest known parent.
 * https://huggingface.co/docs/hub/webhooks#event
 */
function notContent({ event: { action, scope } }: HubEvent): string | null {
  if (scope.startsWith('repo.content.')) return null
  if (scope !== 'repo.content') return `the scope ${quote(scope)} is not about the dataset's content`
  return action === 'update' ? null : `the action on the content is ${quote(action)}, not update`
}

function decideByHead(event: HubEvent, ref: string): FilterResult {
  if (ref !== defaultRef)
    return rejected(`the event lists no refs, and the watched branch is ${quote(ref)}, not main`)
  const { headSha } = event.repo
  if (headSha == null) return rejected('the event lists no refs and has no head revision')
  return { passed: true, rule: 'the event has the head of main', revision: headSha, oldRevision: null }
}

function decideByRefs(refs: UpdatedRef[], ref: string): FilterResult {
  const entries = refs.filter((entry) => isSameText(entry.ref, ref))
  if (refs.length === 0) return rejected('the list of updated refs is empty')
  if (entries.length === 0) return rejected(`${quote(ref)} did not move, only ${listRefs(refs)}`)
  for (const { oldSha, newSha } of entries) {
    if (newSha != null && newSha !== oldSha) {
      return { passed: true, rule: `${quote(ref)} moved`, revision: newSha, oldRevision: oldSha ?? null }
    }
  }
  return rejected(entries[0]?.newSha == null ? `${quote(ref)} was deleted` : `${quote(ref)} did not change`)
}

function listRefs(refs: UpdatedRef[]): string {
  const more = refs.length > 3 ? ` and ${refs.length - 3} more` : ''
  return refs
    .slice(0, 3)
    .map(({ ref }) => quote(ref))
    .join(', ')
    .concat(more)
}

/** Makes text from outside safe for a one-line sentence anywhere: other characters become `?`, and it is cut. */
function quote(text: string): string {
  return text.replaceAll(/[^\w./*:+-]/gu, '?').slice(0, 80)
}
