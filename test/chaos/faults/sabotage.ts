import type { Trainer, TrainingEnd } from '../../../src/domain/training.ts'
import type { Ledger, LedgerKeys, RecipeLedger } from '../../../src/ledger/ledger.ts'
import type { PublicationLog } from '../../../src/ledger/publications/publication-log.ts'
import type { Publications } from '../../../src/ledger/publications/publications.ts'
import type { ClaimFacts } from '../../../src/ledger/record.ts'
import { gitStore } from '../../sandbox/github/git-store.ts'
import { names, type World } from '../../sandbox/world.ts'

/** Ways to take one defence away on purpose, to see that the simulation sees it, and the count that must rise. */
export const sabotages = {
  /** Every claim succeeds. */
  claim: 'doubled',
  /** The schedule starts no workflow. */
  schedule: 'lost',
  /** The schedule starts no workflow, and the relay does not reconcile. */
  reconcile: 'lost',
  /** The relay that reconciles sees nothing of what the recipes saw. */
  entries: 'idle',
  /** An order without a clear answer is forgotten. */
  'late-listing': 'orphaned',
  /** A run that the provider does not show counts as ended. */
  'out-of-sight': 'orphaned',
  /** GitHub lists refs as they were hours ago. */
  lag: 'unneeded',
  /** The end of a job asks GitHub before it stops a run. */
  'github-down': 'orphaned',
  /** A run that never got hardware counts as a training that failed. */
  'never-began': 'stuck',
  /** A run that ended without credits counts as a training that failed. */
  'no-credits': 'stuck',
  /** Records have no digest of the data. */
  squash: 'unneeded',
  /** A renamed dataset is a new one. */
  rename: 'unneeded',
  /** The Hub does not say how old commits are. */
  settle: 'lost',
  /** Records do not say how a recipe runs. */
  'recipe-edit': 'stuck',
  /** Nothing tells a person from a timer. */
  people: 'stuck',
  /** The Hub takes a commit of a publication whatever main has by then. */
  publish: 'wrong',
  /** No publication sees one that is under way, and each is begun even if another run began it before. */
  'publish-lock': 'unpublished',
} as const

/** The name of a sabotage. */
export type Sabotage = keyof typeof sabotages

/** Takes away what is sabotaged in the world itself. */
export function sabotageWorld({ github, hub }: World, sabotage: Sabotage | null): void {
  if (sabotage === 'lag') github.lag({ list: 3 * 3_600_000 })
  if (sabotage === 'settle') {
    hub.fault({ path: /\/commits\//, times: Number.POSITIVE_INFINITY, status: 200, body: [] })
  }
}

/** A ledger without what is sabotaged. */
export function sabotagedLedger(ledger: Ledger, sabotage: Sabotage | null, world: World): Ledger {
  if (sabotage === null) return ledger
  const withoutFacts = (facts: ClaimFacts): ClaimFacts => ({
    ...facts,
    ...(sabotage === 'squash' && { data: null }),
    ...(sabotage === 'recipe-edit' && { howItRuns: null }),
  })
  const wrap = (inner: RecipeLedger): RecipeLedger => ({
    ...inner,
    draft: (options) => inner.draft({ ...options, facts: withoutFacts(options.facts) }),
    async claim(options) {
      const claimed = await inner.claim({ ...options, facts: withoutFacts(options.facts) })
      if (sabotage !== 'claim' || claimed.is !== 'taken') return claimed
      return { is: 'ours', entry: claimed.entry }
    },
    async save(entry, to, facts) {
      if (sabotage === 'late-listing' && to === 'claimed') {
        const repository = world.github.repositories.find(({ name }) => name === names.repository)
        const refs = repository && gitStore(repository).refs
        for (const ref of [entry.ref, ...entry.with]) refs?.delete(ref)
        return entry
      }
      return inner.save(entry, to, facts)
    },
    publications: sabotage === 'publish-lock' ? withoutLock(inner.publications) : inner.publications,
  })
  const wrapAll = <T extends Pick<Ledger, 'recipe' | 'beforeRename'>>(inner: T): T => ({
    ...inner,
    recipe: async (keys: LedgerKeys) => wrap(await inner.recipe(keys)),
    beforeRename: async (keys: LedgerKeys, datasetId: string) => {
      const before = sabotage === 'rename' ? null : await inner.beforeRename(keys, datasetId)
      return before && wrap(before)
    },
  })
  return { ...wrapAll(ledger), recipes: async (all) => wrapAll(await ledger.recipes(all)) }
}

function withoutLock(inner: Publications): Publications {
  const withoutOpen = (log: PublicationLog) => ({
    ...log,
    entries: log.entries.filter(({ done }) => done !== null),
  })
  return {
    ...inner,
    read: async () => withoutOpen(await inner.read()),
    readAgain: async () => withoutOpen(await inner.readAgain()),
    begin: async (begun) => (await inner.begin(begun)) || true,
    isOurs: async () => true,
  }
}

/** Requests without what is sabotaged. */
export function sabotagedFetch(send: typeof fetch, sabotage: Sabotage | null): typeof fetch {
  if (sabotage !== 'publish') return send
  return async (url, request) => {
    const { body } = request ?? {}
    if (!(body instanceof Blob)) return send(url, request)
    const text = await body.text()
    return send(url, { ...request, body: text.replace(/,"parentCommit":"[0-9a-f]+"/, '') })
  }
}

/** A trainer without what is sabotaged. */
export function sabotagedTrainer(trainer: Trainer, sabotage: Sabotage | null): Trainer {
  if (sabotage === null) return trainer
  const change = <T extends { verdict: string }>(end: T | TrainingEnd): T | TrainingEnd => {
    if (sabotage === 'out-of-sight' && end.verdict === 'out-of-sight') {
      return { ...noEnd, verdict: 'cancelled', cause: 'person', reason: 'The Job was deleted.' }
    }
    if (!('cause' in end) || end.cause !== 'infrastructure') return end
    const isHit = sabotage === 'never-began' ? !end.began : sabotage === 'no-credits' && end.began
    return isHit ? { ...end, cause: 'training' } : end
  }
  const { inspect, follow } = trainer
  return {
    ...trainer,
    ...(inspect && {
      inspect: async (...given: Parameters<typeof inspect>) => {
        const end = await inspect(...given)
        return end && change(end)
      },
    }),
    ...(follow && {
      follow: async (...given: Parameters<typeof follow>) => change(await follow(...given)),
    }),
  }
}

const noEnd = {
  began: true,
  trainedMs: null,
  endedAt: null,
  metrics: {},
  curve: [],
  logTail: [],
  cost: null,
}
