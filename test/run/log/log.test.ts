import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { oneLine } from '../../../src/run/log/log.ts'
import { hostileText } from '../../report/markdown/hostile.ts'
import { knownCommands, parseCommand } from '../../sandbox/runner/step/workflow-commands.ts'

const known = new Set(knownCommands)
const lineOf = (text: string) => oneLine(text).split(/\r\n|\n|\r/)

describe('Text from outside in the log', () => {
  test.each([
    ['::set-output name=a::b'],
    ['  ::add-mask::x'],
    ['\t::error::x'],
    ['##[add-path]/evil'],
    ['harmless ##[error]x'],
    ['a\n::stop-commands::x'],
    ['a\r##[group]b'],
    ['a\u2028::debug::b'],
    ['\u0000::error::x'],
    ['\u001b::error::x'],
    ['\ufeff::error::x'],
    ['\u00a0::error::x'],
    ['::::error::x'],
    ['####[error]x'],
  ])('It is not a command of the runner: %j.', (text) => {
    const lines = lineOf(text)
    expect(lines).toHaveLength(1)
    expect(parseCommand(lines[0] ?? '', known)).toBeUndefined()
  })

  test('It is always one line and never a command.', () => {
    void fc.assert(
      fc.property(hostileText, (text) => {
        const lines = lineOf(text)
        expect(lines).toHaveLength(1)
        expect(parseCommand(lines[0] ?? '', known)).toBeUndefined()
      }),
    )
  })

  test('It does not change when it is harmless.', () => {
    const text = '✓ Claim the revision (0.1 s) · a::b # 日本語'
    expect(oneLine(text)).toBe(text)
  })
})
