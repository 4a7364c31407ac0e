import { describe, expect, test } from '@jest/globals'
import { joinMeasured } from '../../../src/domain/metrics/measured.ts'
import { dataFacts } from '../../../src/recipe/data-digest.ts'
import { knownFailure } from '../../../src/report/known-failures.ts'
import { withLineage } from '../../../src/report/model-card/lineage.ts'
import { jobSummary } from '../../../src/report/summary/summary.ts'
import { readCardMetrics } from '../../../src/trainers/output/card-metrics.ts'
import { configsNeeded } from '../../../src/trainers/output/model-weights.ts'
import { createRunOutput } from '../../../src/trainers/output/run-output.ts'
import { withoutSequences } from '../../../src/trainers/output/terminal-text.ts'
import { contextWith, endWith, outcomeWith } from '../../report/outcomes.ts'

const size = 300_000
const blank = '\n'.repeat(2_000_000)
const heading = '## Validation Metrics\n'

/** Far above what each of these takes; in quadratic time it takes minutes. */
const limitMs = 4_000

/** Of the processor, in milliseconds: on a busy machine the clock runs on while others work. */
function timeOf(work: () => unknown): number {
  const started = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1000
}

const outputOf = (text: string) => {
  const output = createRunOutput({ onLine: () => undefined, hide: (shown) => shown })
  output.add(text)
  output.lastError()
  return output
}

const lineageOf = (card: string) =>
  withLineage(card, { outcome: outcomeWith(), context: contextWith(), modelVisibility: 'public' })

test.each([
  ['2 MB of blank lines', blank],
  ['2 MB of blank lines after the first fence', `---\n${blank}`],
  ['2 MB of blank lines in its metadata', `---\n${blank}---\n`],
  ['2 MB of blank lines below the heading', `${heading}${blank}`],
  ['a metric with very many digits', `${heading}a: ${'1'.repeat(size)}x`],
  ['a metric with very many spaces', `${heading}a${' '.repeat(size)}x`],
  ['very many fences', '---\n'.repeat(size / 4)],
  ['very many headings', '## \n'.repeat(size / 4)],
  ['very many keys', `---\n${Array.from({ length: size / 10 }, (_, n) => `k${n}: 1`).join('\n')}\n---\n`],
  ['very many keys in one map', `---\na: {${Array.from({ length: 5_000 }, (_, n) => `b${n}: c`)}}\n---\n`],
  ['very many mistakes in its metadata', `---\na: ${'[]'.repeat(12_000)}\n---\n`],
  ['very many anchors', `---\n${'&a '.repeat(16_000)}\n---\n`],
])('A card with %s is read in a moment', (_name, card) => {
  const took = timeOf(() => [readCardMetrics(card), configsNeeded(card), lineageOf(card)])
  expect(took).toBeLessThan(limitMs)
})

test('Metadata that repeats a key, or is very large, is left as it is', () => {
  const repeated = '---\na: 1\na: 2\n---\nHello\n'
  expect(lineageOf(repeated)).toMatch(/^---\na: 1\na: 2\n---\nHello\n\n<!-- auto-retrain: begin -->/)
  const large = `---\n${'# comment\n'.repeat(20_000)}a: 1\n---\nHello\n`
  expect(lineageOf(large).startsWith(large)).toBe(true)
})

test.each([
  ['an escape and very many semicolons', `\u001b${';#'.repeat(size / 2)}`],
  ['very many beginnings of colours', '\u001b['.repeat(size / 2)],
  ['very many beginnings of titles', '\u001b]'.repeat(size / 2)],
  ['a title without an end', `\u001b]${'a;'.repeat(size / 2)}`],
  ['very many carriage returns', ' \r'.repeat(size / 2)],
  ['very many braces', '{'.repeat(size)],
  ['a very long name of an error', 'Error'.repeat(size / 5)],
  ['lines of very many digits', `{'epoch': ${'1'.repeat(9_000)}x}\n`.repeat(30)],
])('Output with %s is read in a moment', (_name, text) => {
  expect(timeOf(() => outputOf(text))).toBeLessThan(limitMs)
})

test('What a terminal would not show is removed from a line', () => {
  const shown = [
    '\u001b[1;31mred\u001b[0m',
    '\u001b[?25lhidden cursor\u001b[2K',
    '\u001b]0;title\u0007text',
    '\u001b]8;;https://huggingface.co\u001b\\link\u001b]8;;\u001b\\',
    '\u009b32mgreen',
    '\u001b(Bplain',
  ].map(withoutSequences)
  expect(shown).toEqual(['red', 'hidden cursor', 'text', 'link', 'green', 'plain'])
})

test.each(['403 ', 'repos/create ', 'manifest for ', 'column ', "KeyError: '", './-', 'no '])(
  'A known failure is looked for in a moment where the log repeats "%s"',
  (text) => {
    const line = text.repeat(4_000 / text.length)
    const logTail = Array.from({ length: 400 }, () => line)
    expect(timeOf(() => knownFailure({ reason: line, logTail }))).toBeLessThan(limitMs)
  },
)

describe('A run that measures 20,000 metrics', () => {
  const name = (n: number) => `eval_${'x'.repeat(80)}_${n}`

  test('200 of them are kept, in less than 64 kB, whether they are in the log or in the card.', () => {
    const output = createRunOutput({ onLine: () => undefined, hide: (shown) => shown })
    for (let n = 0; n < 20_000; n += 1) output.add(`{'epoch': 1, '${name(n)}': 0.123456789}`)
    const card = `${heading}${Array.from({ length: 20_000 }, (_, n) => `${name(n)}: 0.5`).join('\n\n')}`
    const { metrics } = joinMeasured(output.metrics.final(), readCardMetrics(card))
    expect(Object.keys(metrics)).toHaveLength(200)
    expect(JSON.stringify(metrics, null, 2).length).toBeLessThan(32_000)
    expect(Object.keys(output.metrics.curve[0]?.values ?? {})).toHaveLength(200)
  })

  test('Its summary and its card are written in a moment.', () => {
    const metrics = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [name(n), n]))
    const curve = [1, 2].map((epoch) => ({ epoch, values: metrics }))
    const outcome = outcomeWith({ end: endWith({ metrics, curve }) })
    expect(timeOf(() => jobSummary([outcome], contextWith()))).toBeLessThan(limitMs)
    const options = { outcome, context: contextWith(), modelVisibility: 'public' } as const
    expect(timeOf(() => withLineage('', options))).toBeLessThan(limitMs)
  })
})

test('The class names in a record have at most 16 kB; longer ones are only counted', () => {
  const facts = (length: number) =>
    dataFacts(
      Array.from({ length: 200 }, (_, n) => ({
        path: `train/${'🙂'.repeat(length)}${n}/1.jpg`,
        content: 'a',
        bytes: 1,
      })),
      { isRelevant: () => true, rules: { paths: [], pathsIgnore: [] }, namesClasses: true },
    )
  expect(Object.keys(facts(10).classes ?? {})).toHaveLength(200)
  expect(facts(60)).toMatchObject({ classes: null, classCount: 200 })
})
