import { createHash } from 'node:crypto'
import type { Entry } from '../../src/ledger/entry.ts'
import type { ClaimFacts, RecordFacts, RecordState } from '../../src/ledger/record.ts'
import { digits, type Rig } from './rig.ts'

/** A full sha made from a word. */
export function revisionOf(word: string): string {
  return createHash('sha1').update(word).digest('hex')
}

/** Leaves a record as an earlier workflow run left it: claimed, and moved on to a state. */
export async function leaveRecord(
  rig: Rig,
  options: {
    revision: string
    state?: RecordState
    facts?: RecordFacts
    claim?: Partial<ClaimFacts>
    attempt?: number
  },
): Promise<Entry> {
  const { revision, state = 'claimed', claim = {}, attempt = 1 } = options
  const ledger = await rig.home.ledgerOf(digits())
  const claimed = await ledger.claim({
    revision,
    attempt,
    facts: { ...claimFacts(rig, revision), ...claim },
    maxRunsPerDay: 99,
  })
  if (claimed.is !== 'ours') throw new Error(`The claim is ${claimed.is}.`)
  if (state === 'claimed') return claimed.entry
  const id = revision.slice(0, 7)
  const run = { id, url: `https://provider.test/${id}` }
  const { facts = { run, began: true } } = options
  return ledger.save(claimed.entry, state, facts)
}

function claimFacts(rig: Rig, revision: string): ClaimFacts {
  const hour = 3_600_000
  return {
    atHead: true,
    automatic: true,
    deliveryId: null,
    trigger: 'schedule',
    workflow: { runId: '100', runAttempt: 1, url: 'https://github.test/acme/retrain/actions/runs/100' },
    trainer: 'job',
    project: `digits-${revision.slice(0, 7)}`,
    model: `ann/digits-${revision.slice(0, 7)}`,
    modelHead: null,
    costEstimate: 1,
    deadline: new Date(rig.home.clock.now() + 3 * hour).toISOString(),
    data: null,
    howItRuns: null,
    whatItMakes: null,
    baseModel: null,
    dataset: null,
    publishTo: null,
  }
}
