import type { Publication, PublishedRun } from '../../src/domain/publication.ts'
import { noon, revision } from './outcomes.ts'

/** A run that is, or was, published. */
export function publishedRun(overrides: Partial<PublishedRun> = {}): PublishedRun {
  return {
    n: 2,
    revision,
    attempt: 1,
    runModel: 'acme/digits-3f2a9c4',
    runCommit: 'c'.repeat(40),
    commit: 'd'.repeat(40),
    tag: 'data-3f2a9c4',
    metrics: { eval_accuracy: 0.9612 },
    byHand: false,
    at: noon + 540_000,
    ...overrides,
  }
}

/** The run that was published before it. */
export const publishedBefore = publishedRun({
  n: 1,
  revision: '9'.repeat(40),
  runModel: 'acme/digits-9999999',
  commit: 'b'.repeat(40),
  tag: 'data-9999999',
  metrics: { eval_accuracy: 0.95 },
  at: noon - 86_400_000,
})

/** The run of `outcomeWith` was published, in place of another one. */
export function publicationWith(overrides: Partial<Publication> = {}): Publication {
  return {
    model: 'acme/numbers',
    visibility: 'public',
    end: 'published',
    reason: 'eval_accuracy is 0.9612, better than the 0.9500 of what is published.',
    byHand: false,
    run: { revision, attempt: 1 },
    gate: { metric: 'eval_accuracy', value: 0.9612, baseline: 0.95, rows: 'same' },
    now: publishedRun(),
    replaced: publishedBefore,
    alsoPublished: null,
    warnings: [],
    ...overrides,
  }
}
