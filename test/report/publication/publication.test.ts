import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { type Publication, publicationEnds } from '../../../src/domain/publication.ts'
import { mayName, type Visibility } from '../../../src/domain/visibility.ts'
import { discussionText, runText, threadText } from '../../../src/report/discussion/discussion.ts'
import { headline } from '../../../src/report/headline.ts'
import { jobSummary } from '../../../src/report/summary/summary.ts'
import { hostileText } from '../markdown/hostile.ts'
import { liveParts, render, tagsOf } from '../markdown/render.ts'
import { contextWith, endWith, outcomeWith, pastRun, recipeWith } from '../outcomes.ts'
import { publicationWith, publishedBefore, publishedRun } from '../publications.ts'

const recipe = recipeWith({ publish_to: 'acme/numbers' })
const publishing = (publication: Partial<Publication> = {}, outcome: Partial<Outcome> = {}) =>
  outcomeWith({ recipe, publication: publicationWith(publication), ...outcome })
const plainText = (markdown: string) => markdown.replaceAll(/[\u2060\\]/g, '')
const summaryOf = (...given: Parameters<typeof publishing>) =>
  plainText(jobSummary([publishing(...given)], contextWith()))
const held: Partial<Publication> = {
  end: 'held',
  reason: 'eval_accuracy is 0.9400, not better than the 0.9500 of what is published.',
  gate: { metric: 'eval_accuracy', value: 0.94, baseline: 0.95, rows: 'other' },
  now: publishedBefore,
  replaced: null,
}
const nothingTrained: Partial<Outcome> = {
  verdict: 'succeeded',
  reason: 'Published.',
  run: null,
  end: null,
  plan: null,
}
const rolledBack: Partial<Publication> = {
  byHand: true,
  gate: null,
  reason: 'Published.',
  run: { revision: publishedBefore.revision, attempt: 1 },
  now: { ...publishedBefore, byHand: true },
  replaced: publishedRun(),
}

describe('The first line of the summary says what became of the model', () => {
  test.each([
    [
      'published',
      {},
      '✅ Model trained and published as `acme/numbers`: `eval_accuracy` 0.9612, +0.0112 against `9999999`',
    ],
    ['held back', held, '✅ Model trained, not published: `eval_accuracy` 0.9400, −0.0100 against `9999999`'],
    [
      'superseded',
      { ...held, end: 'superseded', gate: null },
      '✅ Model trained, not published: `eval_accuracy`',
    ],
    [
      'left to the next check',
      { ...held, end: 'due', gate: null },
      '✅ Model trained, not published yet: `eval_accuracy`',
    ],
  ] satisfies [string, Partial<Publication>, string][])('A model that was %s.', (_how, publication, line) => {
    expect(summaryOf(publication)).toMatch(new RegExp(`^## ${line.replaceAll('+', '\\+')}`))
  })

  test.each([
    ['published by hand', rolledBack, '✅ Published `9999999` as `acme/numbers` (nothing was trained)'],
    [
      'published by hand, in vain',
      { ...rolledBack, end: 'held' },
      '⚠️ Not published: `9999999` (nothing was trained)',
    ],
  ] satisfies [string, Partial<Publication>, string][])(
    'An earlier run that was %s.',
    (_how, publication, line) => {
      expect(summaryOf(publication, nothingTrained).split('\n')[0]).toBe(`## ${line}`)
    },
  )

  test('A check that publishes an earlier run says so, also where it trains nothing.', () => {
    const run = { revision: publishedBefore.revision, attempt: 1 }
    const text = summaryOf(
      { run, now: publishedBefore, replaced: null },
      { ...nothingTrained, verdict: 'skipped' },
    )
    expect(text).toMatch(/^## ✅ Published `9999999` as `acme\/numbers` \(nothing was trained\)\n/)
  })

  test.each(['failed', 'refused', 'started', 'cancelled', 'planned'] as const)(
    'A publication is no news beside a training that is %s.',
    (verdict) => {
      const run = { revision: publishedBefore.revision, attempt: 1 }
      const outcome = publishing({ run }, { verdict, end: null })
      expect(headline(outcome)).toBe(headline({ ...outcome, publication: null }))
    },
  )

  test('A held model stays the first news beside another one that was published, which has a sentence.', () => {
    const text = summaryOf({ ...held, alsoPublished: publishedBefore })
    expect(text).toMatch(/^## ✅ Model trained, not published:/)
    expect(text).toContain('✅ This workflow run published `9999999`, the model of another training.')
  })

  test('A metric that was not measured stays a warning.', () => {
    const end = endWith({ metrics: {}, unmeasured: [{ name: 'eval_accuracy', value: 'nan', epoch: 2 }] })
    const gate = { metric: 'eval_accuracy', value: null, baseline: 0.95, rows: 'other' as const }
    expect(summaryOf({ ...held, gate }, { end })).toMatch(
      /^## ⚠️ Model trained, not published: `eval_accuracy` was not measured\n/,
    )
  })
})

describe('The summary says what is published now', () => {
  test('It links the model and the tag, and has the time, the metric, what was replaced and the way back.', () => {
    expect(summaryOf()).toContain(
      '📌 **Published now:** [`acme/numbers`](https://huggingface.co/acme/numbers) is `3f2a9c4`, tag ' +
        '[`data-3f2a9c4`](https://huggingface.co/acme/numbers/tree/data-3f2a9c4), since 2026-11-24 12:09 UTC, ' +
        '`eval_accuracy` 0.9612. It replaced `9999999`. To go back: Run workflow with `publish-revision: 9999999`.',
    )
  })

  test('A first publication replaced nothing, and there is no way back.', () => {
    const text = summaryOf({
      replaced: null,
      gate: { metric: 'eval_accuracy', value: 0.96, baseline: null, rows: null },
    })
    expect(text).toContain('There is no value of a published model to compare it with.')
    expect(text).not.toMatch(/It replaced|To go back/)
  })

  test('A model that is held back has its reason, what is published, and how to publish it all the same.', () => {
    const text = summaryOf(held)
    expect(text).toContain(`**Not published:** ${held.reason}`)
    expect(text).toContain('is `9999999`, tag [`data-9999999`]')
    expect(text).toContain(
      '**What to do:** Run workflow with `publish-revision: 3f2a9c4` publishes it all the same.',
    )
    expect(text).not.toMatch(/It replaced|To go back/)
  })

  test.each([
    ['for another reason than the comparison', { gate: null }],
    [
      'although it is better',
      { gate: { metric: 'eval_accuracy', value: 0.96, baseline: 0.95, rows: 'same' } },
    ],
    [
      'although nothing was compared',
      { gate: { metric: 'eval_accuracy', value: 0.96, baseline: null, rows: null } },
    ],
  ] satisfies [string, Partial<Publication>][])(
    'A model that is held back %s needs more than a publication by hand.',
    (_why, publication) => {
      const text = summaryOf({ ...held, reason: 'Others committed to it: set publish-over.', ...publication })
      expect(text).toContain('**Not published:** Others committed to it: set publish-over.')
      expect(text).toContain(
        '**What to do:** first what the reason says; then Run workflow with `publish-revision: 3f2a9c4` publishes it.',
      )
    },
  )

  test('A second attempt is named with its number, and so is the first beside it.', () => {
    const second = { revision: publishedRun().revision, attempt: 2 }
    const text = summaryOf(
      { run: second, now: publishedRun({ attempt: 2, tag: 'data-3f2a9c4-2' }), replaced: publishedRun() },
      { attempt: 2 },
    )
    expect(text).toContain('is `3f2a9c4` (attempt 2)')
    expect(text).toContain('`publish-revision: 3f2a9c4-1`')
    const again = summaryOf({ ...held, run: second }, { attempt: 2 })
    expect(again).toContain('`publish-revision: 3f2a9c4-2` publishes it')
  })

  test('A publication that failed for now comes back by itself, with the reason.', () => {
    const text = summaryOf({ ...held, end: 'due', reason: 'The Hub did not answer.' })
    expect(text).toContain('**Not published yet:** The Hub did not answer.')
    expect(text).toContain('**By itself:** the next check publishes the model.')
    expect(text).not.toContain('publish-revision')
  })

  test('Before the first publication it says that there is none.', () => {
    const text = summaryOf({ end: null, run: null, now: null, reason: '', replaced: null, gate: null })
    expect(text).toContain(
      '📌 Nothing is published as [`acme/numbers`](https://huggingface.co/acme/numbers) yet.',
    )
  })

  test('After a rollback it says what the next success does without compare-metric, and only then.', () => {
    const replaces = 'Without `compare-metric`, the next success replaces it.'
    const without = { ...recipe, compareMetric: null }
    expect(summaryOf(rolledBack, { ...nothingTrained, recipe: without })).toContain(replaces)
    expect(summaryOf(rolledBack, nothingTrained)).not.toContain(replaces)
    expect(summaryOf({}, { recipe: without })).not.toContain(replaces)
  })

  test('A publication by hand gives its reason once, and no advice to do it again when it was held.', () => {
    const text = summaryOf({ ...rolledBack, end: 'held', now: publishedRun() }, nothingTrained)
    expect(text.match(/Published\./g)).toHaveLength(1)
    expect(text).not.toContain('all the same')
  })

  test('What a person should know is a warning.', () => {
    const text = summaryOf({ warnings: ['The tag data-3f2a9c4 belongs to another commit.'] })
    expect(text).toContain('⚠️ The tag data-3f2a9c4 belongs to another commit.')
  })

  test('A recipe that does not publish says nothing about it.', () => {
    expect(jobSummary([outcomeWith()], contextWith())).not.toMatch(/publish(?!_)/i)
  })
})

describe('The comparison with what is published', () => {
  test.each([
    ['same', 'which had 0.9500 on the same rows.', false],
    ['other', 'which had 0.9500.', true],
  ] as const)('It says that the values come from the %s rows.', (rows, sentence, warns) => {
    const gate = { metric: 'eval_accuracy', value: 0.9612, baseline: 0.95, rows }
    const text = summaryOf({ gate })
    expect(text).toContain(`better than the model published before**, ${sentence}`)
    expect(text.includes('⚖️ The two values come from different validation data')).toBe(warns)
  })

  const metrics = {
    eval_accuracy: 0.9612,
    published_accuracy: 0.9433,
    published_eval_f1: 0.5,
    eval_loss: 0.2,
  }

  test("What the training measured of the published model stands beside the run's own values, and is no metric of it.", () => {
    const text = summaryOf({}, { end: endWith({ metrics }), recipe: { ...recipe, compareMetric: null } })
    expect(text).toContain(
      '| `eval_accuracy` | **0.9612** (🟢 +0.0102, was 0.9510); published model: 0.9433 |',
    )
    expect(text).not.toContain('published_')
  })

  test('Without publish-to, such a name is a metric like any other.', () => {
    const text = jobSummary([outcomeWith({ end: endWith({ metrics }) })], contextWith())
    expect(text).toContain('| `published_accuracy` | 0.9433 (new) |')
  })

  test("It is not the best value of the table of runs, which shows each run's own.", () => {
    const past = pastRun(1, { metrics: { published_accuracy: 0.99 } })
    const end = endWith({ metrics: { published_accuracy: 0.98, eval_f1: 0.9 }, curve: [] })
    const text = summaryOf(
      { gate: null },
      { end, history: [past], baseline: past, recipe: { ...recipe, compareMetric: null } },
    )
    expect(text).toContain('| Run | `eval_f1` |')
    expect(text).toMatch(/^## .*: `eval_f1` 0\.9000\n/)
  })
})

describe('The table of runs', () => {
  test('It marks the run that is published now, and no other attempt at its revision.', () => {
    const first = pastRun(1, { revision: publishedRun().revision, attempt: 1 })
    const text = summaryOf(
      { now: publishedRun({ attempt: 2 }) },
      { attempt: 2, history: [first, pastRun(3)] },
    )
    expect(text.match(/📌 published/g)).toHaveLength(1)
    expect(text).toMatch(/\*\*trained\*\* 📌 published .*, attempt 2/)
  })

  test('It marks an earlier run that is still published.', () => {
    const text = summaryOf({ ...held, now: publishedRun({ revision: '1'.repeat(40) }) })
    expect(text).toMatch(/✅ trained 📌 published \[`1111111`\]/)
  })
})

describe('The discussion on the dataset', () => {
  test('The thread and the comment on a run say what is published now, and since when.', () => {
    for (const make of [threadText, runText, discussionText]) {
      expect(make(publishing(), contextWith())?.text).toContain(
        '📌 **Published now:** [`acme/numbers`](https://huggingface.co/acme/numbers) is `3f2a9c4`, tag ' +
          '[`data-3f2a9c4`](https://huggingface.co/acme/numbers/tree/data-3f2a9c4), since 2026-11-24 12:09 UTC',
      )
    }
  })

  test('A comment on a model that was held back has the reason and the way to publish it.', () => {
    const text = plainText(runText(publishing(held), contextWith())?.text ?? '')
    expect(text).toContain(`**Not published:** ${held.reason}`)
    expect(text).toContain('`publish-revision: 3f2a9c4`')
  })
})

const all: readonly Visibility[] = ['public', 'private', 'unknown']

describe.each(all)('The name of a published model that is %s', (thing) => {
  const secret = /secret-stable/
  const publication = publicationWith({
    ...held,
    model: 'acme/secret-stable',
    visibility: thing,
    reason: 'acme/secret-stable has commits of others.',
    warnings: ['https://huggingface.co/acme/secret-stable answered 403.'],
  })
  const outcome = outcomeWith({
    recipe: recipeWith({ publish_to: 'acme/secret-stable' }),
    publication,
    reason: 'acme/secret-stable was not changed.',
  })

  test.each(all)(
    'The summary of a repository that is %s has it: its workflow says where it publishes.',
    (place) => {
      const context = contextWith({ repositoryVisibility: place })
      const byHand = {
        ...outcome,
        ...nothingTrained,
        publication: { ...publication, end: 'published' as const, byHand: true },
      }
      for (const outcomes of [[outcome], [outcome, byHand], [byHand]]) {
        expect(secret.test(jobSummary(outcomes, context))).toBe(true)
      }
    },
  )

  test('The first line of the summary names it.', () => {
    const published = { ...outcome, publication: { ...publication, end: 'published' as const } }
    const [first] = jobSummary([published], contextWith({ repositoryVisibility: 'public' })).split('\n')
    expect(first).toContain('acme/secret-stable')
  })

  test.each(all)(
    'The discussion on a dataset that is %s has it only where its readers may know it.',
    (place) => {
      for (const make of [threadText, runText, discussionText]) {
        const text = JSON.stringify(make({ ...outcome, datasetVisibility: place }, contextWith()))
        expect(secret.test(text)).toBe(mayName({ place, thing }))
      }
    },
  )
})

test('Untrusted text about a publication adds no markup to the summary and the posts', () => {
  void fc.assert(
    fc.property(hostileText, fc.constantFrom(...publicationEnds, 'due' as const, null), (text, end) => {
      const now = publishedRun({ tag: text, metrics: { [text]: 0.5 } })
      const gate = { metric: text, value: 0.5, baseline: 0.4, rows: 'same' as const }
      const outcome = publishing({
        end,
        reason: text,
        warnings: [text],
        model: text,
        now,
        replaced: now,
        gate,
      })
      const texts = [threadText, runText, discussionText].map(
        (make) => make(outcome, contextWith())?.text ?? '',
      )
      for (const markdown of [...texts, jobSummary([outcome, outcome], contextWith())]) {
        const html = render(markdown)
        const allowed =
          /^\/?(?:p|h[123]|table|thead|tbody|tr|th|td|a|code|pre|strong|em|details|summary|ol|ul|li|!--)$/
        expect(tagsOf(html).filter((tag) => !allowed.test(tag))).toEqual([])
        expect(liveParts(html)).toEqual([])
        const hosts = Array.from(html.matchAll(/href="([^"]*)"/g), ([, href]) => new URL(href!).host)
        expect(hosts.filter((host) => !['huggingface.co', 'github.com'].includes(host))).toEqual([])
      }
    }),
    { numRuns: 200 },
  )
})

test('A discussion whose readers may not know the published model has neither its values nor the comparison with it', () => {
  const outcome = publishing({
    visibility: 'private',
    gate: { metric: 'eval_accuracy', value: 0.9612, baseline: 0.4321, rows: 'same' },
    now: publishedRun({ metrics: { eval_accuracy: 0.5432 } }),
  })
  for (const make of [threadText, runText, discussionText]) {
    const text = make(outcome, contextWith())?.text
    expect(text).toContain('📌 **Published now:** `3f2a9c4`, tag `data-3f2a9c4`, since')
    expect(text).not.toMatch(/0\.4321|0\.5432/)
  }
})

test('The recipe in the summary shows the keys about publishing only where it publishes', () => {
  expect(summaryOf()).toMatch(/\| `publish_to` \| `acme\/numbers` \|\n\| `publish_public` \| `false` \|/)
  const text = jobSummary([outcomeWith()], contextWith())
  expect(text).toContain('| `publish_to` | – |')
  expect(text).not.toMatch(/publish_public|start_from/)
})
