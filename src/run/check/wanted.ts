import { Skipped } from '../../domain/verdict.ts'
import { filterEvent } from '../../event/filter.ts'
import type { HubEvent } from '../../event/payload.ts'
import { isReconcile } from '../../event/reconcile.ts'
import type { DatasetAt } from '../../hub/datasets.ts'
import type { Work } from '../work.ts'
import type { Wanted } from './confirm.ts'

/**
 * Checks what an event says by itself, before anything is asked for: a recipe must not fail on an event about
 * something else.
 *
 * @throws Skipped when it is none for this recipe, whatever its dataset is called today
 */
export function checkEvent({ recipe, request }: Work): void {
  if (request.event === null) return
  const filtered = filterEvent(request.event, { ref: recipe.ref, isOpened: true })
  if (!filtered.passed) throw notForUs(request.event, filtered.rule)
}

/** The skip of an event that another recipe is meant by. */
export function notForUs(event: HubEvent, rule: string): Skipped {
  return new Skipped(`Not ${isReconcile(event) ? 'a check' : 'an event'} for this recipe: ${rule}.`)
}

/**
 * Reads from the trigger which revision is wanted.
 *
 * @param head the dataset as it is now: an event under another name counts when it is about the same dataset
 * @throws Skipped when the event is not one for this recipe
 */
export function readWanted({ recipe, request, facts }: Work, head: DatasetAt | null): Wanted {
  const { event, revision } = request
  if (event === null) return revision === null ? { kind: 'head' } : { kind: 'explicit', revision }
  const isSame = head?.id != null && event.repo.id === head.id
  const names = [recipe.inputDataset, ...(head === null ? [] : [head.name])]
  const dataset = isSame || names.includes(event.repo.name) ? event.repo.name : recipe.inputDataset
  // An event may be old: that the dataset was public then says nothing about today.
  if (dataset === event.repo.name && event.repo.private === true) facts.datasetVisibility = 'private'
  const filtered = filterEvent(event, { dataset, ref: recipe.ref, isOpened: true })
  if (!filtered.passed) throw notForUs(event, filtered.rule)
  facts.revision = filtered.revision
  facts.oldRevision = filtered.oldRevision
  if (revision !== null) return { kind: 'explicit', revision }
  // The relay asks for a check of the branch: a commit that came since has no event that it can be left to.
  return isReconcile(event) ? { kind: 'head' } : { kind: 'event', revision: filtered.revision }
}
