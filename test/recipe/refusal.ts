import { expect } from '@jest/globals'
import { Refused } from '../../src/domain/verdict.ts'

/** The sentence with which something is refused; anything else that happens fails the test. */
export function refusalOf(action: () => unknown): string {
  let thrown: unknown = new Error('it was accepted')
  try {
    action()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(Refused)
  return (thrown as Refused).message
}
