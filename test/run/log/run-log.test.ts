import { describe, expect, test } from '@jest/globals'
import type { Log } from '../../../src/run/log/log.ts'
import { openRunLog } from '../../../src/run/log/run-log.ts'

/** A log as the runner shows it: `{` and `}` are the beginning and the end of a fold. */
function shown() {
  const lines: string[] = []
  const take = (line: string) => void lines.push(line)
  const startGroup = (title: string) => take(`{ ${title}`)
  const endGroup = () => take('}')
  const log: Log = {
    info: take,
    debug: take,
    notice: take,
    warning: take,
    group: async (title, work) => {
      startGroup(title)
      try {
        return await work()
      } finally {
        endGroup()
      }
    },
  }
  return { lines, log, runLog: openRunLog({ log, startGroup, endGroup }) }
}

describe('What trainings print', () => {
  test('is folded, and the story stands between the folds.', () => {
    const { lines, runLog } = shown()
    runLog.line('a')
    runLog.line('b')
    runLog.story('half way')
    runLog.line('c')
    runLog.end()
    expect(lines).toEqual([
      '{ Log of the training',
      '│ a',
      '│ b',
      '}',
      'half way',
      '{ Log of the training',
      '│ c',
      '}',
    ])
  })

  test('stands in the fold of a step that goes on meanwhile, since folds cannot be nested.', async () => {
    const { lines, log, runLog } = shown()
    runLog.line('before')
    await runLog.beside(log).group('Plan', async () => {
      runLog.line('meanwhile')
      runLog.story('half way')
    })
    runLog.line('after')
    runLog.end()
    expect(lines).toEqual([
      '{ Log of the training',
      '│ before',
      '}',
      '{ Plan',
      '│ meanwhile',
      'half way',
      '}',
      '{ Log of the training',
      '│ after',
      '}',
    ])
  })

  test('is folded again after a step that failed.', async () => {
    const { lines, log, runLog } = shown()
    const step = runLog.beside(log).group('Plan', async () => {
      throw new Error('no')
    })
    await expect(step).rejects.toThrow('no')
    runLog.line('after')
    expect(lines).toEqual(['{ Plan', '}', '{ Log of the training', '│ after'])
  })
})
