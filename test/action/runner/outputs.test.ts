import { describe, expect, test } from '@jest/globals'
import { toOutputs } from '../../../src/action/runner/command-files/outputs.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { publicationEnds } from '../../../src/domain/publication.ts'
import { verdicts } from '../../../src/domain/verdict.ts'
import { outcomeWith, recipeWith } from '../../report/outcomes.ts'
import { publicationWith, publishedRun } from '../../report/publications.ts'

const modelOf = (change: Partial<Outcome>) => toOutputs([outcomeWith(change)]).model
const withRun = outcomeWith({})
const named = `acme/${withRun.project}`

describe('The output model', () => {
  test.each([
    ['planned', null],
    ['started', withRun.run],
    ['succeeded', withRun.run],
    ['failed', withRun.run],
    ['cancelled', withRun.run],
  ] as const)('It is the model of a run that ends %s.', (verdict, run) => {
    expect(modelOf({ verdict, run })).toBe(named)
  })

  test.each([
    ['skipped', null],
    ['skipped', withRun.run],
    ['refused', null],
    ['failed', null],
    ['cancelled', null],
  ] as const)('It is empty when nothing was trained: %s, with the run %j.', (verdict, run) => {
    expect(modelOf({ verdict, run, end: null })).toBe('')
  })
})

describe('The outputs about the published model', () => {
  const recipe = recipeWith({ publish_to: 'acme/numbers', min_improvement: 0.005 })
  const outputs = (change: Partial<Outcome>) => toOutputs([outcomeWith({ recipe, ...change })])

  test.each(verdicts)('Without publish-to they are empty: %s.', (verdict) => {
    const { published, ...others } = toOutputs([outcomeWith({ verdict })])
    expect([published, others['published-model'], others['published-revision']]).toEqual(['', '', ''])
  })

  test.each(
    verdicts.flatMap((verdict) => [
      ...publicationEnds.map((end) => ({ verdict, end, published: String(end === 'published') })),
      { verdict, end: 'due' as const, published: '' },
      { verdict, end: null, published: ['started', 'planned'].includes(verdict) ? '' : 'false' },
    ]),
  )(
    'published is "$published" after the verdict $verdict and the end $end.',
    ({ verdict, end, published }) => {
      const found = outputs({ verdict, publication: publicationWith({ end }) })
      expect(found).toMatchObject({
        published,
        'published-model': 'acme/numbers',
        'published-revision': publicationWith().now?.commit,
      })
    },
  )

  test.each(verdicts)('Where nothing is known of a publication, the model is named: %s.', (verdict) => {
    const published = ['started', 'planned'].includes(verdict) ? '' : 'false'
    const names = { 'published-model': 'acme/numbers', 'published-revision': '' }
    expect(outputs({ verdict })).toMatchObject({ published, ...names })
  })

  test('The commit is empty while nothing is published.', () => {
    expect(outputs({ publication: publicationWith({ now: null }) })['published-revision']).toBe('')
  })

  test.each([
    ['better', { value: 0.96, baseline: 0.95 }, 'true', '0.95'],
    ['better, but not by min-improvement', { value: 0.952, baseline: 0.95 }, 'false', '0.95'],
    ['worse', { value: 0.94, baseline: 0.95 }, 'false', '0.95'],
    ['the first one', { value: 0.94, baseline: null }, '', ''],
    ['not measured', { value: null, baseline: 0.95 }, '', '0.95'],
  ] as const)(
    'improved and baseline speak of what is published: a run is %s.',
    (_how, values, improved, baseline) => {
      const gate = { metric: 'eval_accuracy', rows: 'same' as const, ...values }
      expect(outputs({ publication: publicationWith({ gate }) })).toMatchObject({ improved, baseline })
    },
  )

  test('improved and baseline are empty where no comparison with what is published was made.', () => {
    const compared = { improved: '', baseline: '' }
    expect(outputs({ publication: publicationWith({ gate: null, end: 'due' }) })).toMatchObject(compared)
    expect(outputs({ publication: null })).toMatchObject(compared)
  })

  test('A success of a recipe that does not publish is compared with the last success.', () => {
    expect(toOutputs([outcomeWith()])).toMatchObject({ improved: 'true', baseline: '0.951' })
  })

  test('published is true where the workflow run published another model and not its own.', () => {
    const publication = publicationWith({ end: 'held', alsoPublished: publishedRun() })
    expect(outputs({ publication }).published).toBe('true')
  })
})

describe('Of several recipes', () => {
  const recipe = recipeWith({ publish_to: 'acme/numbers' })
  const held = outcomeWith({ recipe, publication: publicationWith({ end: 'held' }) })
  const published = outcomeWith({ recipe, verdict: 'skipped', publication: publicationWith() })
  const skipped = outcomeWith({ verdict: 'skipped', run: null, end: null })

  test.each([
    ['that published a model', [skipped, held, published], 'skipped', 'true'],
    ['that was not skipped, where none published', [skipped, held, held], 'succeeded', 'false'],
    ['of all, where all were skipped', [skipped, skipped], 'skipped', ''],
  ])('the outputs are those of the first %s.', (_which, outcomes, verdict, isPublished) => {
    const { results, ...first } = toOutputs(outcomes)
    expect(first).toMatchObject({ verdict, published: isPublished })
    expect(JSON.parse(results)).toHaveLength(outcomes.length)
  })
})
