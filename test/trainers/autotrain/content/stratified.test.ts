import { describe, expect, test } from '@jest/globals'
import { whyNotStratified } from '../../../../src/trainers/autotrain/content/checks/stratified.ts'

/** The class at fault, with rows by class. */
const lost = (...counts: number[]) =>
  whyNotStratified(new Map(counts.map((count, n) => [`class ${n}`, count])), { needsAll: true })?.label ??
  null

describe('A fifth with rows of each class, as scikit-learn sets it aside:', () => {
  test.each([
    ['a class with one row', [10, 10, 1], 'class 2'],
    ['more classes than rows in a fifth', [2, 2, 2, 2], 'class 0'],
    ['a class whose rows are all rounded into the training', [25, 22, 2], 'class 2'],
    ['two rows among a thousand that come out well', [500, 500, 2], null],
    ['even classes', [10, 10], null],
    ['two classes between which chance decides', [3, 3, 18], null],
  ])('%s.', (_title, counts, label) => {
    expect(lost(...counts)).toBe(label)
  })

  test('Where the task does not need each class in validation, only what fails is at fault.', () => {
    const counts = new Map([
      ['a', 25],
      ['b', 22],
      ['c', 2],
    ])
    expect(whyNotStratified(counts, { needsAll: false })).toBeNull()
  })
})
