import { describe, expect, test } from '@jest/globals'
import { type Seen, seenPrefixOf } from '../../../src/event/seen.ts'
import { readSeenEntries } from '../../../src/relay/reconcile/seen-entries.ts'
import type { Route } from '../../../src/relay/settings/routes.ts'
import { before, head, hour, seenOf, start } from './situation.ts'

const [old, today] = ['acme/digits', 'acme/numbers'] as const
const route: Route = {
  dataset: old,
  repository: 'acme/retrain',
  eventType: 'hub-webhook',
  ref: 'refs/heads/main',
  id: null,
  models: [],
}

type Written = readonly [change: Partial<Seen>, writtenAt: number]

/** The revisions that count, of entries under the name before the rename and under today's. */
async function revisions(entries: { [old]: Written[]; [today]: Written[] }) {
  const prefixes = new Map<string, Written[]>()
  for (const name of [old, today]) {
    prefixes.set(await seenPrefixOf({ dataset: name, ref: route.ref }), entries[name])
  }
  const readTags = async ({ prefix }: { prefix: string }) => ({
    outcome: 'read' as const,
    tags: (prefixes.get(prefix) ?? []).map(([change, taggedAt]) => ({
      message: JSON.stringify(seenOf(change)),
      taggedAt,
    })),
  })
  const read = await readSeenEntries(readTags, { route, names: [old, today] })
  return typeof read === 'string' ? read : read.map(({ seen }) => seen.revision)
}

describe('After a rename', () => {
  test('What a recipe saw under the old name counts no more once its workflow wrote a newer commit under the new one.', async () => {
    expect(
      await revisions({ [old]: [[{ revision: before }, start]], [today]: [[{}, start + hour]] }),
    ).toEqual([head])
  })

  test('The entry of another workflow or config under the old name goes on to count.', async () => {
    const others: Written[] = [
      [{ revision: before, workflow: 'acme/retrain/.github/workflows/other.yml@refs/heads/main' }, start],
      [{ revision: before, config: '.github/letters.yml' }, start],
    ]
    expect(await revisions({ [old]: others, [today]: [[{}, start + hour]] })).toEqual([before, before, head])
  })

  test('A recipe that still has the old name counts while it writes later than the one with the new name.', async () => {
    const written: Written[] = [[{ revision: before }, start + 2 * hour]]
    expect(await revisions({ [old]: written, [today]: [[{}, start + hour]] })).toEqual([before, head])
  })
})
