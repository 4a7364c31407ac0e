import { expect, test } from '@jest/globals'
import { parseJson } from '../../src/domain/parse-json.ts'

test.each([
  ['{"a":[1,null]}', { a: [1, null] }],
  ['null', null],
  ['"text"', 'text'],
])('The JSON text %s is read.', (text, value) => {
  expect(parseJson(text)).toEqual(value)
})

test.each(['', '{', 'undefined', '{"a":1} trailing', '\u0000'])(
  'The text %j, which is not JSON, is undefined.',
  (text) => {
    expect(parseJson(text)).toBeUndefined()
  },
)
