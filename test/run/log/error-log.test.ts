import { describe, expect, test } from '@jest/globals'
import { NotStarted, Refused, Skipped, UnclearStart } from '../../../src/domain/verdict.ts'
import { NoAnswerError } from '../../../src/http/errors.ts'
import { LaggingReplica, UnreadableRecord } from '../../../src/ledger/entry.ts'
import { MayBeRunning, NotNow, UnknownTrainer } from '../../../src/run/errors.ts'
import { logError } from '../../../src/run/log/error-log.ts'
import type { Log } from '../../../src/run/log/log.ts'

/** The lines that an error leaves: those of step debug with `debug: ` before them, a group between `{` and `}`. */
async function linesOf(error: unknown): Promise<string[]> {
  const lines: string[] = []
  const take = (line: string) => void lines.push(line)
  const log: Log = {
    info: take,
    debug: (line) => take(`debug: ${line}`),
    notice: take,
    warning: take,
    async group(title, work) {
      take(`{ ${title}`)
      const result = await work()
      take('}')
      return result
    },
  }
  await logError(log, error)
  return lines
}

const refused = new Error('connect ECONNREFUSED 127.0.0.1:1')
const noAnswer = new NoAnswerError({ method: 'GET', url: 'https://hub.test/api', cause: refused })

describe('The log of an error', () => {
  test('With step debug, it shows the error and each of its causes on a line.', async () => {
    expect(await linesOf(new Refused('hf-token is not accepted.', { cause: noAnswer }))).toEqual([
      'debug: Error: Refused: hf-token is not accepted.',
      `debug: Caused by: NoAnswerError: ${noAnswer.message}`,
      'debug: Caused by: Error: connect ECONNREFUSED 127.0.0.1:1',
    ])
  })

  test.each([
    new Refused('no'),
    new Skipped('no'),
    new NotStarted('no'),
    new LaggingReplica('refs/a'),
    new UnreadableRecord('refs/a', { isShown: true }),
    new UnknownTrainer('quantum'),
    new UnclearStart('no'),
    new NotNow('no'),
    new MayBeRunning('no'),
    noAnswer,
    new Error('The change is not known.', { cause: noAnswer }),
    new MayBeRunning('no', { cause: new Error('no', { cause: noAnswer }) }),
    new Error('The Job could not be cancelled.', { cause: AbortSignal.abort().reason }),
  ])('It shows no stack of an error that is thrown on purpose: %s.', async (error) => {
    expect((await linesOf(error)).filter((line) => !line.startsWith('debug: '))).toEqual([])
  })

  test.each([
    new TypeError("Cannot read properties of undefined (reading 'id')"),
    new MayBeRunning('no', { cause: new TypeError('x is not a function') }),
    new Error('a plain error without a cause'),
  ])('It shows the stack of an unexpected error in a folded group: %s.', async (error) => {
    const lines = (await linesOf(error)).filter((line) => !line.startsWith('debug: '))
    expect(lines[0]).toBe('{ Unexpected error: please report it')
    expect(lines.slice(1, -1)).toEqual(error.stack?.split('\n'))
    expect(lines.at(-1)).toBe('}')
  })

  test('It shows what is thrown instead of an error.', async () => {
    expect(await linesOf('out of memory')).toEqual([
      'debug: Error: out of memory',
      '{ Unexpected error: please report it',
      'out of memory',
      '}',
    ])
  })
})
