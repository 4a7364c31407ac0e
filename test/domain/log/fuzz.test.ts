import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { errorsInLog } from '../../../src/domain/log/errors-in-log.ts'
import { lastLineOf } from '../../../src/domain/log/last-line.ts'
import { createHider } from '../../../src/http/hide-secret.ts'
import { createRunOutput, withLastErrorOrLine } from '../../../src/trainers/output/run-output.ts'

const token = 'hf_fuzz0token0of0the0test'

/** What launchers, loggers, boxes and bars put before a line. */
const prefixes = [
  '[rank0]: ',
  '[rank 3] ',
  'rank1: ',
  '[default0]:',
  '[1,0]<stderr>:',
  '(RayTrainWorker pid=123, ip=10.0.0.1) ',
  'worker-0 | ',
  '2026-11-26T10:00:00Z ',
  '2026-11-26 10:00:00,123 - ',
  '[2026-11-26 10:00:00] ',
  '│ ',
  '┃ ',
  '  | ',
]

/** Parts of what programs print at their end, and what breaks naive readers. */
const parts = [
  'Traceback (most recent call last):',
  '  + Exception Group Traceback (most recent call last):',
  '  +-+---------------- 1 ----------------',
  '  File "train.py", line 1',
  'ValueError: no labels',
  'ValueError: dáta, composed and de\u0301composed, ﬁ, \u2028 and \u0085, 🙂',
  `OSError: the token ${token} is wrong`,
  'ExceptionGroup: several (2 sub-exceptions)',
  'torch.distributed.elastic.multiprocessing.errors.ChildFailedError:',
  '  × No solution found:',
  '  ╰─▶ Because of this',
  'error: bad\n  Caused by: worse',
  "terminate called after throwing an instance of 'x'",
  "{'eval_loss': nan, 'epoch': 1.0}",
  "{'loss': inf}",
  ' 11%|█ | 1/9 [00:00<00:01,  8.01it/s]',
  'The above exception was the direct cause of the following exception:',
  'The last words',
  '\ufeff',
  '\u0000',
  '',
]

const line = fc
  .tuple(
    fc.array(fc.constantFrom(...prefixes), { maxLength: 3 }),
    fc.oneof(fc.constantFrom(...parts), fc.string({ unit: 'grapheme', maxLength: 60 })),
    fc.nat(120),
    fc.constantFrom('', '\r', ' '),
  )
  // Cut anywhere, as a log that was truncated is.
  .map(([before, text, length, end]) => `${before.join('')}${text}`.slice(0, length) + end)
const log = fc.array(line, { maxLength: 40 })

/** Whether a text can be shown in one line as it is. */
const isOneLine = (text: string) =>
  text === text.trim() && text.length <= 400 && text.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(text)

test('Every error and every last line is one short line, whatever a log has', () => {
  const property = fc.property(log, (lines) => {
    const shown = [...errorsInLog(lines), lastLineOf(lines)].filter((text) => text !== null)
    expect(shown.filter((text) => !isOneLine(text))).toEqual([])
  })
  fc.assert(property, { numRuns: 1500 })
})

test('The token never shows in a reason, whatever stands around it', () => {
  const property = fc.property(log, (lines) => {
    const output = createRunOutput({ onLine: () => undefined, hide: createHider([token]) })
    for (const each of [...lines, `The token ${token}`]) output.add(each)
    expect(withLastErrorOrLine('The Job failed', output)).not.toContain(token)
  })
  fc.assert(property, { numRuns: 500 })
})

test('The cause is the same behind any prefix, with any line end, and in either Unicode form', () => {
  const traceback = ['Traceback (most recent call last):', '  File "x.py", line 1', 'ValueError: dáta 🙂']
  const property = fc.property(
    fc.array(fc.constantFrom(...prefixes), { maxLength: 3 }),
    fc.constantFrom('', '\r', '  '),
    fc.constantFrom('NFC', 'NFD'),
    (before, end, form) => {
      const lines = [
        'Starting',
        ...traceback.map((text) => `${before.join('')}${text}${end}`.normalize(form)),
      ]
      expect(errorsInLog(lines)).toEqual([traceback.at(-1)?.normalize(form)])
    },
  )
  fc.assert(property, { numRuns: 500 })
})

test('A log that was cut anywhere has no other cause than one of its own lines', () => {
  const property = fc.property(log, fc.nat(40), (lines, start) => {
    const whole = lines.join('\n').replaceAll(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    for (const error of errorsInLog(lines.slice(start))) {
      const [first = ''] = error.split(' ')
      expect(whole.toWellFormed()).toContain(first)
    }
  })
  fc.assert(property, { numRuns: 500 })
})

test('Twice as many lines cost twice as many steps: no line is matched again for the others', () => {
  /** Counts how often the lines of a log are read. */
  const stepsFor = (count: number) => {
    let steps = 0
    const lines = Array.from({ length: count }, () => '[rank0]: ValueError: no labels:')
    const counted = new Proxy(lines, {
      get(target, key, receiver) {
        if (typeof key === 'string' && /^\d+$/.test(key)) steps += 1
        return Reflect.get(target, key, receiver)
      },
    })
    errorsInLog(counted)
    lastLineOf(counted)
    return steps
  }
  expect(stepsFor(400)).toBe(2 * stepsFor(200))
})
