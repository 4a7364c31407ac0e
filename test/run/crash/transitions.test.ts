import { describe, expect, test } from '@jest/globals'
import type { OutOfSight, TrainingEnd } from '../../../src/domain/training.ts'
import type { RecordState } from '../../../src/ledger/record.ts'
import { transitions } from '../../../src/ledger/transitions.ts'
import { leaveRecord } from '../left-record.ts'
import { failed, succeeded } from '../provider.ts'
import { digits } from '../rig.ts'
import { minute } from '../workflow-repository.ts'
import { type CrashWorld, killedAtEachCall } from './crash-world.ts'

const cancelled: TrainingEnd = {
  ...failed,
  verdict: 'cancelled',
  cause: 'person',
  reason: 'It was cancelled.',
}
const unseen: OutOfSight = { verdict: 'out-of-sight', reason: 'The Hub does not show the Job any more.' }

/** What the provider answers to a check about an open record, and where the record goes by it. */
const rows: readonly [RecordState, RecordState, TrainingEnd | OutOfSight | null][] = [
  ['claimed', 'started', null],
  ['claimed', 'succeeded', succeeded],
  ['claimed', 'failed', failed],
  ['claimed', 'cancelled', cancelled],
  ['started', 'out-of-sight', unseen],
  ['started', 'succeeded', succeeded],
  ['started', 'failed', failed],
  ['started', 'cancelled', cancelled],
  ['out-of-sight', 'started', null],
  ['out-of-sight', 'succeeded', succeeded],
  ['out-of-sight', 'failed', failed],
  ['out-of-sight', 'cancelled', cancelled],
]

/** Leaves a record of the head in a state. */
async function leave({ rig }: CrashWorld, state: RecordState): Promise<void> {
  const entry = await leaveRecord(rig, {
    revision: rig.head(),
    state: state === 'out-of-sight' ? 'started' : state,
  })
  if (state === 'out-of-sight') {
    await (await rig.home.ledgerOf(digits())).save(entry, state, { reason: unseen.reason })
  }
}

describe.each(['before', 'after'] as const)('A check that is killed right %s any of its calls', (when) => {
  test.each(rows)(
    'The next one brings a record from %s to %s, and nothing is paid.',
    async (from, to, answer) => {
      await killedAtEachCall(when, async (world, death) => {
        const { rig } = world
        await leave(world, from)
        rig.provider.does({
          find: async () => ({ id: 'run', url: 'https://provider.test/run', nextStep: null }),
          inspect: async () => answer,
        })
        rig.home.clock.advance(11 * minute)
        const lived = await world.live(death)
        rig.home.clock.advance(11 * minute)
        await world.live(null)
        expect(await rig.records()).toMatchObject([{ state: to }])
        expect(rig.provider.paid).toEqual([])
        return lived
      })
    },
  )
})

test('Every transition that a check makes of an open record is among those that it is killed at.', () => {
  const isOpen = (state: RecordState | null) => rows.some(([from]) => from === state)
  const made = transitions.filter(
    ({ from, to, by }) => by.includes('any check') && isOpen(from) && from !== to && to !== null,
  )
  const pairs = rows.map(([from, to]) => `${from} ${to}`)
  expect(made.map(({ from, to }) => `${from} ${to}`).filter((pair) => !pairs.includes(pair))).toEqual([])
})
