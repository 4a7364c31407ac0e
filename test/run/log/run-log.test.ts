import { describe, expect, test } from '@jest/globals'
import type { Log } from '../../../src/run/log/log.ts'
import { openRunLog } from '../../../src/run/log/run-log.ts'

/** A log as the runner shows it: `{` and `}` are the beginning and the end of a group. */
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

describe('The output of trainings', () => {
  test('It is folded into groups, with the lines of the action between them.', () => {
    const { lines, runLog } = shown()
    runLog.output('a')
    runLog.output('b')
    runLog.info('half way')
    runLog.output('c')
    runLog.closeGroup()
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

  test('It is part of the group of a step that runs at the same time, since groups cannot be nested.', async () => {
    const { lines, log, runLog } = shown()
    runLog.output('before')
    await runLog.around(log).group('Plan', async () => {
      runLog.output('meanwhile')
      runLog.info('half way')
    })
    runLog.output('after')
    runLog.closeGroup()
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

  test('It is folded again after a failed step.', async () => {
    const { lines, log, runLog } = shown()
    const step = runLog.around(log).group('Plan', async () => {
      throw new Error('no')
    })
    await expect(step).rejects.toThrow('no')
    runLog.output('after')
    expect(lines).toEqual(['{ Plan', '}', '{ Log of the training', '│ after'])
  })
})
