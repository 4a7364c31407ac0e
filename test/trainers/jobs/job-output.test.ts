import { expect, test } from '@jest/globals'
import { createJobOutput } from '../../../src/trainers/jobs/job-output.ts'

const evaluation = (accuracy: number) => `{'eval_accuracy': ${accuracy}, 'epoch': 1.0}`

function collect() {
  const shown: string[] = []
  const output = createJobOutput({ onLine: (line) => shown.push(line), hide: (text) => text })
  return {
    shown,
    output,
    live: (text: string, isLate = false) => output.take({ text, isLate }),
    again(texts: readonly string[], { isWhole = true } = {}) {
      const whole = output.again()
      for (const text of texts) whole.take(text)
      if (isWhole) whole.end()
    },
  }
}

test('Lines that an interrupted connection left out are shown under a heading, and the next ones under another', () => {
  const { live, shown } = collect()
  live('first')
  live('missed', true)
  live('missed too', true)
  live('last')
  expect(shown).toEqual([
    'first',
    '===== Lines that an interrupted connection to the log left out =====',
    'missed',
    'missed too',
    '===== The log continues =====',
    'last',
  ])
})

test('The run is judged by the whole log, in its order', () => {
  const { live, again, output, shown } = collect()
  live('ValueError: bad')
  live('Starting', true)
  again(['Starting', evaluation(0.9), 'ValueError: bad'])
  expect(output.best.tail).toEqual(['Starting', evaluation(0.9), 'ValueError: bad'])
  expect(output.best.metrics.final().metrics).toEqual({ eval_accuracy: 0.9 })
  expect(shown).not.toContain(evaluation(0.9))
})

test.each([
  ['the Hub sends fewer lines of it than live', ['Starting'], true],
  ['reading it failed before its end', ['Starting', evaluation(0.9), 'The end'], false],
])('The run is judged by the live log where %s', (_title, texts, isWhole) => {
  const { live, again, output } = collect()
  for (const line of ['Starting', evaluation(0.8)]) live(line)
  again(texts, { isWhole })
  expect(output.best.metrics.final().metrics).toEqual({ eval_accuracy: 0.8 })
})
