import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Refused, UnclearStart } from '../../../src/domain/verdict.ts'
import { leaveRecord, revisionOf } from '../left-record.ts'
import { cancelledRun, failed, lostMachine, succeeded } from '../provider.ts'
import { checkOf } from '../relay-check.ts'
import { dataset, digits, type Rig, startRig } from '../rig.ts'
import { minute } from '../workflow-repository.ts'
import { againIn, entryOf } from './entry.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const hour = 60
const unseen = { verdict: 'out-of-sight', reason: 'The Hub does not show the Job any more.' } as const
const refuse = async () => {
  throw new Refused('hf-token: a read token, which cannot start Jobs.')
}
/** A training that this workflow run starts and does not follow. */
const startOnly = () => rig.run({ recipes: [digits({ wait: false })] })

/** What a check leaves behind, and in how many minutes its head is checked again. */
interface Row {
  what: string
  /** @default a first run that trains */
  act: () => Promise<unknown>
  verdict: string
  /** Null: never. */
  minutes: number | null
}

const nothingLeft: Row[] = [
  { what: 'a training that succeeded', act: () => rig.run(), verdict: 'succeeded', minutes: null },
  {
    what: 'a training that failed by itself',
    act: () => {
      rig.provider.endsIn(failed)
      return rig.run()
    },
    verdict: 'failed',
    minutes: null,
  },
  {
    what: 'a training that ran out of memory or time',
    act: () => {
      rig.provider.endsIn({ ...failed, cause: 'limit' })
      return rig.run()
    },
    verdict: 'failed',
    minutes: null,
  },
  {
    what: 'a training that a person cancelled at the provider',
    act: () => {
      rig.provider.endsIn(cancelledRun)
      return rig.run()
    },
    verdict: 'cancelled',
    minutes: null,
  },
  {
    what: 'a training that was cancelled with its workflow run, as a later check found',
    act: async () => {
      await leaveRecord(rig, { revision: rig.head(), state: 'started' })
      rig.provider.end = cancelledRun
      await rig.run()
    },
    verdict: 'skipped',
    minutes: null,
  },
  {
    what: 'the third training that lost its machine, after which none comes back',
    act: async () => {
      rig.provider.endsIn({ ...lostMachine, trainedMs: 60_000, cost: 0 })
      for (let n = 0; n < 3; n += 1) {
        rig.home.clock.advance(61 * minute)
        await rig.run({ recipes: [digits({ maxCost: 99 })] })
      }
    },
    verdict: 'failed',
    minutes: null,
  },
  {
    what: 'a refusal because of the data',
    act: () => rig.run({ recipes: [digits({ paths: ['nothing/**'] })] }),
    verdict: 'refused',
    minutes: null,
  },
  {
    what: 'a commit that changes nothing relevant',
    act: async () => {
      await rig.run()
      rig.commitCard()
      await rig.run()
    },
    verdict: 'skipped',
    minutes: null,
  },
  {
    what: 'fewer changed files than min-changed-files',
    act: async () => {
      await rig.run({ recipes: [digits({ minChangedFiles: 2 })] })
      rig.hub.commit(dataset, { files: { 'train/0/b.txt': 'x', 'train/0/c.txt': 'y' } })
      await rig.run({ recipes: [digits({ minChangedFiles: 2 })] })
      rig.commit()
      await rig.run({ recipes: [digits({ minChangedFiles: 2 })] })
    },
    verdict: 'skipped',
    minutes: null,
  },
]

const somethingLeft: Row[] = [
  { what: 'a training that was started and not followed', act: startOnly, verdict: 'started', minutes: hour },
  {
    what: 'a training that is running',
    act: async () => {
      await startOnly()
      rig.home.clock.advance(20 * minute)
      await startOnly()
    },
    verdict: 'skipped',
    minutes: hour,
  },
  {
    what: 'a training that is running and whose deadline is in 10 minutes',
    act: async () => {
      await startOnly()
      rig.home.clock.advance(120 * minute)
      await startOnly()
    },
    verdict: 'skipped',
    minutes: 10,
  },
  {
    what: 'a claim of another workflow run that has no run yet',
    act: async () => {
      await leaveRecord(rig, { revision: rig.head() })
      await rig.run()
    },
    verdict: 'skipped',
    minutes: 10,
  },
  {
    what: 'an order without a clear answer',
    act: () => {
      rig.provider.does({
        start: async () => {
          throw new UnclearStart('The Hub gave no clear answer when creating the Job.')
        },
      })
      return rig.run()
    },
    verdict: 'failed',
    minutes: 10,
  },
  {
    what: 'a run that its provider does not show any more',
    act: async () => {
      await leaveRecord(rig, { revision: rig.head(), state: 'started' })
      rig.provider.does({ inspect: async () => unseen })
      rig.home.clock.advance(11 * minute)
      await rig.run()
    },
    verdict: 'skipped',
    minutes: 10,
  },
  {
    what: 'a training whose model could not be published',
    act: () => {
      rig.hub.fault({ path: /numbers/, status: 500, times: Number.POSITIVE_INFINITY })
      return rig.run({ recipes: [digits({ publishTo: 'ann/numbers' })] })
    },
    verdict: 'succeeded',
    minutes: 10,
  },
  {
    what: 'a training that lost its machine',
    act: () => {
      rig.provider.endsIn({ ...lostMachine, trainedMs: 60_000 })
      return rig.run()
    },
    verdict: 'failed',
    minutes: hour,
  },
  {
    what: 'a plan for an event, which waits for an approval',
    act: () => rig.run({ request: { event: checkOf(rig), dryRun: true } }),
    verdict: 'planned',
    minutes: 24 * hour,
  },
  {
    what: "the day's last run at noon",
    act: async () => {
      await rig.run({ recipes: [digits({ maxRunsPerDay: 1 })] })
      rig.commit()
      await rig.run({ recipes: [digits({ maxRunsPerDay: 1 })] })
    },
    verdict: 'skipped',
    minutes: 12 * hour + 5,
  },
  {
    what: 'a refusal because of a token',
    act: () => {
      rig.provider.does({ plan: refuse })
      return rig.run()
    },
    verdict: 'refused',
    minutes: hour,
  },
  {
    what: 'a service that was down',
    act: () => {
      rig.provider.does({
        plan: async () => {
          throw new Error('The Hub answered 503.')
        },
      })
      return rig.run()
    },
    verdict: 'failed',
    minutes: hour,
  },
]

describe('When a head is checked again by what its last check left', () => {
  const rows = [...nothingLeft, ...somethingLeft].map((row) => ({
    ...row,
    when: row.minutes === null ? 'never' : `in ${row.minutes} minutes`,
  }))

  test.each(rows)('After $what: $when.', async ({ act, verdict, minutes }) => {
    await act()
    const entry = await entryOf(rig)
    expect([entry?.revision, entry?.verdict]).toEqual([rig.head(), verdict])
    const again = await againIn(rig)
    // Claims and lists take seconds on the clock.
    expect(again === null ? null : Math.round(again)).toBe(minutes)
  })

  test('While the dataset settles: at the end of the settle time.', async () => {
    const settle = 4 * hour
    let again: number | null = null
    const { sleep } = rig.home.clock
    rig.home.clock.sleep = async (ms, signal) => {
      again ??= await againIn(rig)
      await sleep(ms, signal)
    }
    await rig.run({ recipes: [digits({ settle: settle * minute })] })
    expect(again).toBe(settle)
  })

  test.each(['refused', 'failed'])(
    'After each check that is %s again the wait doubles, up to a day, and a check that ends otherwise ends that.',
    async (verdict) => {
      const { plan } = rig.provider.trainer()
      const fail = async () => {
        throw new Error('The Hub answered 503.')
      }
      rig.provider.does({ plan: verdict === 'refused' ? refuse : fail })
      const waits: (number | null)[] = []
      for (let n = 0; n < 7; n += 1) {
        await rig.run()
        waits.push(await againIn(rig))
        rig.home.clock.advance((waits.at(-1) ?? 0) * minute)
      }
      expect(waits.map((wait) => (wait ?? 0) / hour)).toEqual([1, 2, 4, 8, 16, 24, 24])
      rig.provider.does({ plan })
      await rig.run()
      expect(await againIn(rig)).toBeNull()
    },
  )
})

describe('An older revision whose training is open', () => {
  const leaveOlder = async (word: string) => {
    const entry = await leaveRecord(rig, { revision: revisionOf(word), state: 'started' })
    rig.home.clock.advance(1000)
    return entry
  }

  test('It makes the head be checked again at the time of its own row, where nothing is left to do for the head.', async () => {
    await leaveOlder('older')
    await rig.run()
    expect(await entryOf(rig)).toMatchObject({ revision: rig.head(), verdict: 'succeeded' })
    expect(await againIn(rig)).toBe(hour)
    rig.commitCard()
    await rig.run()
    expect(await entryOf(rig)).toMatchObject({ revision: rig.head(), verdict: 'skipped' })
    expect(await againIn(rig)).toBe(hour)
  })

  test('The earliest time of all of them counts.', async () => {
    await leaveOlder('older')
    const lost = await leaveOlder('lost')
    rig.provider.does({
      inspect: async (_order, { id }) => (id === lost.record.run?.id ? unseen : null),
    })
    await rig.run()
    expect(await againIn(rig)).toBe(10)
  })

  test('Once all have ended, nothing is left to do.', async () => {
    await leaveOlder('older')
    rig.provider.end = succeeded
    await rig.run()
    expect(await againIn(rig)).toBeNull()
  })
})
