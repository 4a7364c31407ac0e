import { describe, expect, test } from '@jest/globals'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { otherValidationData } from '../../../src/report/metrics/validation.ts'
import { endWith, outcomeWith, pastRun, recipeWith } from '../outcomes.ts'

type Files = NonNullable<Outcome['change']>['files']

const files = (...paths: string[]): Files => paths.map((path) => ({ path, change: 'added', bytes: 10 }))
const none = { files: 0, bytes: 0 }

/** A run whose last success was at 1111111, and what changed since a revision. */
function sentenceOf(options: {
  keys?: Record<string, unknown>
  files?: Files
  total?: number
  relevant?: number
  from?: string
  revision?: string
  examples?: readonly [now: number, then: number]
}): string {
  const listed = options.files ?? files('train/a.png')
  const total = options.total ?? listed.length
  const baseline = pastRun(1)
  const [now, then] = options.examples ?? [null, null]
  return otherValidationData(
    outcomeWith({
      recipe: recipeWith(options.keys),
      revision: options.revision ?? 'f'.repeat(40),
      baseline: { ...baseline, metrics: then === null ? {} : { eval_samples: then } },
      end: endWith({ metrics: now === null ? {} : { eval_samples: now } }),
      change: {
        from: options.from ?? baseline.revision,
        counts: { added: { files: total, bytes: 10 }, changed: none, removed: none },
        files: listed,
        relevant: options.relevant ?? total,
      },
    }),
  )
}

const own = { trainer: 'job', image: 'python:3.12', command: 'python train.py' }

describe('A difference is qualified as one between different validation data', () => {
  test.each([
    ['AutoTrain took the examples out of training data that changed', {}, 'out of the training data'],
    [
      'the numbers of examples differ',
      { examples: [24, 12] as const, keys: own },
      '24 examples now, 12 before',
    ],
    [
      'files of the validation split changed',
      { keys: { valid_split: 'validation' }, files: files('validation/3/a.png') },
      'its files changed as well',
    ],
    [
      'a file with another spelling of the split changed',
      { keys: { valid_split: 'validation' }, files: files('data/valid-00000-of-00001.parquet') },
      'its files changed as well',
    ],
    [
      'there are too many changed files to list all',
      { keys: { valid_split: 'dev' }, total: 9000 },
      'its files changed as well',
    ],
    [
      'the changes since that run are not known',
      { keys: { valid_split: 'test' }, from: 'e'.repeat(40) },
      'the `test` split of its own commit',
    ],
    [
      'the script has a validation file that changed',
      { keys: own, files: files('test.csv') },
      'its files changed',
    ],
  ])('where %s', (_why, options, words) => {
    expect(sentenceOf(options)).toMatch(/^⚖️ The two values come from different validation data: /)
    expect(sentenceOf(options)).toContain(words)
  })
})

describe('A difference is not qualified', () => {
  test.each([
    ['both runs are on the same commit', { revision: pastRun(1).revision }],
    ['nothing relevant changed between them', { relevant: 0, files: files('README.md') }],
    [
      'only files of the training split changed',
      { keys: { valid_split: 'validation' }, files: files('train/a.png', 'train/validity.png') },
    ],
    ['a script that chooses its data itself got new training files', { keys: own }],
    ['a script got new files since another run', { keys: own, from: 'e'.repeat(40) }],
  ])('where %s', (_why, options) => {
    expect(sentenceOf(options)).toBe('')
  })
})
