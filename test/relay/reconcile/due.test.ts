import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Seen } from '../../../src/event/seen.ts'
import { decideDue, needsDate, type Situation } from '../../../src/relay/reconcile/due.ts'
import { before, day, entryOf, head, hour, minute, second, situationAt, start } from './situation.ts'

const iso = (time: number) => new Date(time).toISOString()

describe('What the reconciler does before and after the time to look again', () => {
  const never: [what: string, seen: Partial<Seen>][] = [
    ['succeeded and published', { verdict: 'succeeded' }],
    ['failed for good', { verdict: 'failed', warns: true }],
    ['refused because of the data', { verdict: 'refused' }],
    ['skipped, as nothing relevant changed', { verdict: 'skipped' }],
    ['skipped, below min-changed-files', { verdict: 'skipped', comesBack: 'more-data' }],
    ['cancelled', { verdict: 'cancelled' }],
  ]
  test.each(never)('A head that was %s is never dispatched.', (_what, seen) => {
    for (const now of [start, start + hour, start + day, start + 400 * day]) {
      const due = decideDue(situationAt(now, { entries: [entryOf({ ...seen, again: null })] }))
      expect(due).toEqual({
        since: null,
        isTurn: false,
        reason: 'bbbbbbb was seen, and nothing is left to do',
      })
    }
  })

  const later: [what: string, verdict: Seen['verdict'], aheadMs: number][] = [
    ['a training that runs', 'started', hour],
    ['an order whose answer was lost', 'failed', 10 * minute],
    ['a run that is out of sight', 'started', 10 * minute],
    ['a publication that is due', 'succeeded', 10 * minute],
    ['a failure of the infrastructure', 'failed', hour],
    ['a head that may still change (settle)', 'skipped', 7 * minute],
    ['a day whose runs are used up', 'skipped', Date.UTC(2026, 10, 3, 0, 5) - start],
    ['a plan that waits for approval', 'planned', day],
    ['a refused token or setting', 'refused', hour],
    ['a service that was down, for the third time', 'failed', 4 * hour],
  ]
  test.each(later)('For %s (%s) the head is dispatched from the time to look again on.', (_what, ...row) => {
    const [verdict, aheadMs] = row
    const at = start + aheadMs
    const entries = [entryOf({ verdict, again: iso(at), wait: aheadMs }, start)]
    const look = (now: number) => decideDue(situationAt(now, { entries }))
    expect(look(at - second)).toEqual({
      since: null,
      isTurn: false,
      reason: `bbbbbbb was seen, to be checked again from ${iso(at).slice(0, 16)}Z`,
    })
    expect(look(at + second)).toEqual({
      since: at,
      isTurn: true,
      reason: `bbbbbbb: it was ${verdict}, to be checked again from ${iso(at).slice(0, 16)}Z`,
    })
  })

  test('The earliest time of several recipes decides.', () => {
    const entries = [2, 1, 3].map((hours) => entryOf({ again: iso(start + hours * hour) }))
    expect(decideDue(situationAt(start + hour - second, { entries }))).toMatchObject({
      isTurn: false,
      reason: `bbbbbbb was seen, to be checked again from ${iso(start + hour).slice(0, 16)}Z`,
    })
    expect(decideDue(situationAt(start + hour + second, { entries }))).toMatchObject({ isTurn: true })
  })

  test('The time to look again at another revision counts for nothing.', () => {
    const entries = [entryOf(), entryOf({ revision: before, again: iso(start) })]
    expect(decideDue(situationAt(start + 3 * day, { entries }))).toMatchObject({ since: null, isTurn: false })
  })
})

describe('A head that no recipe has seen', () => {
  const states: [string, Partial<Situation>][] = [
    ['no recipe has seen anything', { entries: [] }],
    ['all saw another revision', { entries: [entryOf({ revision: before })] }],
    ['one of two saw it', { entries: [entryOf({}, start), entryOf({ revision: before })] }],
  ]
  test.each(states)('Where %s, it is left to the webhook for two minutes.', (_what, state) => {
    const look = (now: number) => decideDue(situationAt(now, state))
    expect(look(start + 2 * minute - second)).toEqual({
      since: null,
      isTurn: false,
      reason: 'bbbbbbb is new, and left to the webhook',
    })
    expect(look(start + 2 * minute)).toMatchObject({ since: start + 2 * minute, isTurn: true })
  })

  const turns = (state: Partial<Situation>, { until }: { until: number }) => {
    const found: number[] = []
    for (let now = start; now <= start + until; now += 5 * minute) {
      if (decideDue(situationAt(now, state)).isTurn) found.push(Math.floor((now - start) / hour))
    }
    return found
  }

  const unseen: [string, Partial<Situation>][] = [
    ['Without any entry', { entries: [] }],
    ['Where all recipes saw another revision', { entries: [entryOf({ revision: before })] }],
    [
      'Where the time to look again has passed',
      { entries: [entryOf({ verdict: 'refused', again: iso(start + 2 * minute) })] },
    ],
  ]
  test.each(unseen)(
    '%s and none writes anew, it is dispatched hourly for a day, then daily.',
    (_what, state) => {
      const hourly = Array.from({ length: 25 }, (_, n) => n)
      expect(turns(state, { until: 4 * day + hour })).toEqual([...hourly, 48, 72, 96])
    },
  )

  test('Where one of two recipes lags behind the other it is dispatched hourly for a day, then ignored.', () => {
    const entries = [entryOf({}, start + minute), entryOf({ revision: before })]
    expect(turns({ entries }, { until: 3 * day })).toEqual(Array.from({ length: 24 }, (_, n) => n))
    expect(decideDue(situationAt(start + 2 * day, { entries }))).toEqual({
      since: null,
      isTurn: false,
      reason: 'bbbbbbb was seen; 1 of 2 recipes did not see it within a day, and are ignored',
    })
  })

  test('The day of a recipe that lags begins when another saw the head, not with an old date of the commit.', () => {
    const entries = [entryOf({}, start), entryOf({ revision: before })]
    const look = (now: number) => decideDue(situationAt(now, { entries, committedAt: start - 30 * day }))
    expect(look(start + 2 * minute)).toMatchObject({ since: start, isTurn: true })
    expect(look(start + day)).toMatchObject({ since: null })
  })

  test('A recipe that is dead does not defeat the doubled wait of another that is refused.', () => {
    const wait = 16 * hour
    const refused = { verdict: 'refused', again: iso(start + 3 * day + wait), wait } as const
    const entries = [entryOf(refused, start + 3 * day), entryOf({ revision: before })]
    const days = [10, 11, 12].map((hours) => start + 3 * day + hours * hour)
    expect(days.map((now) => decideDue(situationAt(now, { entries })).since)).toEqual([null, null, null])
  })

  test('The date is asked for only where some recipe has not seen the head.', () => {
    expect(needsDate({ revision: head, entries: [] })).toBe(true)
    expect(needsDate({ revision: head, entries: [entryOf()] })).toBe(false)
    expect(needsDate({ revision: head, entries: [entryOf(), entryOf({ revision: before })] })).toBe(true)
  })
})

describe('Dates that mislead', () => {
  const now = start + 50 * minute
  const unseen = [entryOf({ revision: before }, now - 3 * minute)]

  test('A commit that is pushed long after it was made is due two minutes after the last look that saw another head.', () => {
    const committedAt = start - 30 * day
    const change = { committedAt, movedAfter: now - 5 * minute }
    expect(decideDue(situationAt(now, change))).toMatchObject({ since: now - 3 * minute, isTurn: true })
    const soon = { committedAt, movedAfter: now - minute }
    expect(decideDue(situationAt(now, soon)).reason).toBe('bbbbbbb is new, and left to the webhook')
  })

  test('It is due two minutes after a recipe saw another head, also for a process that has just started.', () => {
    const change = { committedAt: start - 30 * day, entries: unseen }
    expect(decideDue(situationAt(now, change))).toMatchObject({ since: now - minute, isTurn: true })
  })

  test.each([
    ['is missing', null],
    ['is in the future', now + day],
  ])(
    'A head whose date %s is sent by the first look of each hour, and by no other.',
    (_what, committedAt) => {
      const found: number[] = []
      for (let at = start + 5 * minute; at < start + 3 * hour; at += 5 * minute) {
        if (decideDue(situationAt(at, { committedAt })).isTurn) found.push(new Date(at).getUTCMinutes())
      }
      expect(found).toEqual([0, 0, 0])
    },
  )

  test('A clock of the Hub that is a minute ahead makes a head young, not unknown.', () => {
    expect(decideDue(situationAt(now, { committedAt: now + minute })).reason).toContain('left to the webhook')
  })

  test.each([null, now + day])(
    'An entry without a believable date (%s) lets no recipe lag for ever.',
    (at) => {
      const entries = [entryOf({}, at), entryOf({ revision: before }, at)]
      expect(decideDue(situationAt(now, { entries })).since).toBe(start + 2 * minute)
      expect(decideDue(situationAt(now + day, { entries })).since).toBeNull()
    },
  )
})

describe('A base model with a new commit', () => {
  const moved = (change = {}) => [{ name: 'acme/base', committedAt: start, movedAfter: null, ...change }]
  const entries = [entryOf()]

  test('It is dispatched at once, hourly for a day, then daily.', () => {
    const found: number[] = []
    for (let now = start; now <= start + 3 * day; now += 5 * minute) {
      const due = decideDue(situationAt(now, { entries, moved: moved() }))
      expect(due.reason).toBe('bbbbbbb: the base model acme/base has a new commit')
      if (due.isTurn) found.push((now - start) / hour)
    }
    expect(found).toEqual([...Array.from({ length: 25 }, (_, n) => n), 48, 72])
  })

  test('A commit with an old date moved after a recipe saw another one.', () => {
    const change = { committedAt: start - 90 * day, movedAfter: start - 3 * minute }
    expect(decideDue(situationAt(start, { entries, moved: moved(change) }))).toMatchObject({
      since: start - 3 * minute,
      isTurn: true,
    })
  })

  test.each([
    ['missing', null],
    ['in the future', start + 30 * day],
  ])('A model whose date is %s is not sent at every look.', (_what, date) => {
    const found: number[] = []
    for (let now = start; now < start + 4 * hour; now += 5 * minute) {
      const due = decideDue(situationAt(now, { entries, moved: moved({ committedAt: date }) }))
      expect(due.since).toBeLessThanOrEqual(now)
      if (due.isTurn) found.push(now)
    }
    expect(found).toHaveLength(4)
  })

  test('Of several tasks the oldest says since when, and the one whose turn it is says why.', () => {
    const again = iso(start - 40 * minute)
    const change = { entries: [entryOf({ again })], moved: moved({ committedAt: start - second }) }
    expect(decideDue(situationAt(start, change))).toEqual({
      since: start - 40 * minute,
      isTurn: true,
      reason: 'bbbbbbb: the base model acme/base has a new commit',
    })
  })
})

describe('The rhythm', () => {
  /** The looks of one process at a head that nobody takes up, in the first day, and which of them send. */
  function sends(gaps: readonly number[], sinceLastOf: (gapMs: number) => number) {
    const due = start + 2 * minute
    let now = start
    const looks = gaps.map((gap) => {
      now += gap
      const { isTurn } = decideDue(
        situationAt(now, { entries: [entryOf({ revision: before })], sinceLastMs: sinceLastOf(gap) }),
      )
      return { at: now - due, isTurn }
    })
    return looks.filter(({ at }) => at >= 0 && at < day)
  }
  const anyLooks = fc
    .record({
      every: fc.integer({ min: minute, max: hour }),
      jitters: fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 20, maxLength: 80 }),
    })
    .map(({ every, jitters }) => ({ every, gaps: jitters.map((jitter) => Math.round(every * jitter)) }))

  test('With memory it is sent by its first look, then by one look of each hour.', () => {
    fc.assert(
      fc.property(anyLooks, ({ every, gaps }) => {
        const looks = sends(gaps, (gap) => gap)
        if (looks.length === 0) return
        expect(looks[0]?.isTurn).toBe(true)
        const hours = looks.filter(({ isTurn }) => isTurn).map(({ at }) => Math.floor(at / hour))
        expect(hours).toEqual([...new Set(hours)])
        const sent = looks.filter(({ isTurn }) => isTurn).map(({ at }) => at)
        const longest = Math.max(0, ...sent.slice(1).map((at, n) => at - (sent[n] ?? 0)))
        expect(longest).toBeLessThanOrEqual(hour + 1.1 * every)
        const missed = (looks.at(-1)?.at ?? 0) - (sent.at(-1) ?? 0)
        expect(missed).toBeLessThanOrEqual(hour + 1.1 * every)
      }),
    )
  })

  test('Without memory, when it is only known how often there is a look, no turn is lost and few are doubled.', () => {
    fc.assert(
      fc.property(anyLooks, ({ every, gaps }) => {
        const looks = sends(gaps, () => every * 1.25)
        if (looks.length === 0) return
        expect(looks[0]?.isTurn).toBe(true)
        const sent = looks.filter(({ isTurn }) => isTurn).map(({ at }) => at)
        const longest = Math.max(0, ...sent.slice(1).map((at, n) => at - (sent[n] ?? 0)))
        expect(longest).toBeLessThanOrEqual(hour + 1.1 * every)
        const inHour = (n: number) => sent.filter((at) => Math.floor(at / hour) === n).length
        const hours = Math.ceil((looks.at(-1)?.at ?? 0) / hour)
        for (let n = 0; n <= hours; n += 1) expect(inHour(n)).toBeLessThanOrEqual(2)
      }),
    )
  })

  test('Where nothing says how often there is a look, every look sends.', () => {
    const looks = sends(Array(20).fill(5 * minute), () => Number.POSITIVE_INFINITY)
    expect(looks.every(({ isTurn }) => isTurn)).toBe(true)
  })
})
