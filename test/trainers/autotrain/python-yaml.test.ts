import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse } from 'yaml'
import { pythonYaml } from '../../../src/trainers/autotrain/python-yaml.ts'
import { difficultTexts } from './difficult-texts.ts'

/** Reads as PyYAML does: YAML 1.1, with its merge keys. */
const readBack = (text: string): unknown => parse(text, { version: '1.1', merge: true })

describe('What is written for AutoTrain is read back the same', () => {
  test.each(difficultTexts)('%j', (text) => {
    expect(readBack(pythonYaml({ [text]: text, list: [text, { deep: text }] }))).toEqual({
      [text]: text,
      list: [text, { deep: text }],
    })
  })

  test.each([0, 1, -1, 0.1, 5e-5, 1e-7, 1.5e-10, 1e21, -2.5e300, 5e-324, 2 ** 53])('%d', (number) => {
    expect(readBack(pythonYaml([number]))).toEqual([number])
    // PyYAML takes a number with an exponent for text unless it has a point and a sign.
    expect(pythonYaml(number)).toMatch(/^-?\d+(?:\.\d+)?(?:e[+-]\d+)?\n$/)
    expect(pythonYaml(number)).not.toMatch(/^-?\d+e/)
  })

  test('whatever the values are.', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.constantFrom(...difficultTexts),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'binary', maxLength: 20 }), tie('any'), { maxKeys: 4 }),
      ),
    })).any
    fc.assert(
      fc.property(value, (given) => {
        const text = pythonYaml(given)
        expect(text).toMatch(/^[\n\u0020-\u007e]*$/)
        expect(readBack(text)).toEqual(JSON.parse(JSON.stringify(given)))
      }),
      { numRuns: 1000 },
    )
  })

  test('A number that is none is written as one, because AutoTrain reads it.', () => {
    expect(pythonYaml([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(
      '[.nan, .inf, -.inf]\n',
    )
  })
})
