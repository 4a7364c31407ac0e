import { describe, expect, test } from '@jest/globals'
import { toOutputs } from '../../../src/action/runner/command-files/outputs.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { outcomeWith } from '../../report/outcomes.ts'

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
