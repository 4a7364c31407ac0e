import { expect, test } from '@jest/globals'
import { causeChain, messageOf } from '../../src/domain/error-message.ts'
import { Refused } from '../../src/domain/verdict.ts'

test('The message of an error is its text.', () => {
  expect(messageOf(new TypeError('no such thing'))).toBe('no such thing')
})

test.each([
  ['a text', 'a text'],
  [7, '7'],
  [null, 'null'],
  [undefined, 'undefined'],
])('The message of a thrown value that is not an error (%p) is the value as text.', (value, message) => {
  expect(messageOf(value)).toBe(message)
})

test('The cause chain names each class and message, outermost first.', () => {
  const socket = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  const error = new Refused('The dataset cannot be read.', {
    cause: new TypeError('fetch failed', { cause: socket }),
  })
  expect(causeChain(error)).toEqual([
    'Refused: The dataset cannot be read.',
    'TypeError: fetch failed',
    'Error [ECONNRESET]: read ECONNRESET',
  ])
})

test('The cause chain includes the errors of an AggregateError.', () => {
  const error = new AggregateError([new Error('IPv6 refused'), new Error('IPv4 refused')], 'none connected', {
    cause: new Error('offline'),
  })
  expect(causeChain(error)).toEqual([
    'AggregateError: none connected',
    'Error: IPv6 refused',
    'Error: IPv4 refused',
    'Error: offline',
  ])
})

test('A cause that is not an error is shown as text.', () => {
  expect(causeChain(new Error('outer', { cause: 'a text' }))).toEqual(['Error: outer', 'a text'])
  expect(causeChain('only a text')).toEqual(['only a text'])
})

test('A message of several lines takes one line of the cause chain.', () => {
  expect(causeChain(new Error('first\n  second'))).toEqual(['Error: first second'])
})

test('A chain of causes that refers to itself ends.', () => {
  const error = new Error('outer')
  error.cause = new Error('inner', { cause: error })
  expect(causeChain(error)).toEqual(['Error: outer', 'Error: inner'])
})

test('A cause chain has at most ten lines.', () => {
  let error = new Error('0')
  for (let depth = 1; depth < 30; depth += 1) error = new Error(String(depth), { cause: error })
  expect(causeChain(error)).toHaveLength(10)
  expect(
    causeChain(new AggregateError(Array.from({ length: 30 }, (_, n) => new Error(`${n}`)))),
  ).toHaveLength(10)
})
