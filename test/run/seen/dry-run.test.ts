import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Request } from '../../../src/run/work.ts'
import { checkOf } from '../relay-check.ts'
import { type Rig, startRig } from '../rig.ts'
import { entryOf } from './entry.ts'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const dryRun = (request: Partial<Request>) => rig.run({ request: { ...request, dryRun: true } })
const writes = () =>
  rig.home.github.requests.filter(({ method, path }) => method !== 'GET' && path !== '/graphql')
const warnings = (lines: readonly string[]) => lines.filter((line) => line.startsWith('warning'))
const foundOf = ({ outcome }: Awaited<ReturnType<typeof dryRun>>) =>
  outcome.plan?.checks.find(({ id }) => id === 'github-token')?.found

const unattended: [string, () => Partial<Request>][] = [
  ['the schedule', () => ({})],
  ['an event', () => ({ event: { ...checkOf(rig), event: { action: 'update', scope: 'repo.content' } } })],
  ["the relay's own check", () => ({ event: checkOf(rig) })],
]

describe('A dry run that a person starts', () => {
  test('It writes nothing at all, also where it skips.', async () => {
    expect((await dryRun({ byPerson: true })).outcome.verdict).toBe('planned')
    expect(writes()).toEqual([])
    await rig.run()
    const before = writes().length
    expect((await dryRun({ byPerson: true })).outcome.verdict).toBe('skipped')
    expect(writes()).toHaveLength(before)
  })
})

describe('A dry run that no person starts', () => {
  test.each(unattended)(
    'It notes what it saw, so that the head is left alone for a day, and claims nothing: %s.',
    async (_what, request) => {
      const run = await dryRun(request())
      expect([run.outcome.verdict, warnings(run.lines)]).toEqual(['planned', []])
      expect(await entryOf(rig)).toMatchObject({ revision: rig.head(), verdict: 'planned' })
      expect(rig.home.refs().filter((ref) => !ref.includes('/seen/'))).toEqual([])
      expect(foundOf(run)).toBe('not checked: a dry run makes no claim')
    },
  )

  test.each(unattended)(
    'With a token that may only read it warns that it could not, and plans all the same: %s.',
    async (_what, request) => {
      for (const { tokens } of rig.home.github.repositories)
        for (const token of tokens.keys()) tokens.set(token, { contents: 'read' })
      const run = await dryRun(request())
      expect(run.outcome.verdict).toBe('planned')
      expect(warnings(run.lines)).toEqual([
        expect.stringMatching(
          /^warning: What this check saw could not be written into the ledger: .*contents: write/,
        ),
      ])
      expect(await entryOf(rig)).toBeNull()
    },
  )
})
