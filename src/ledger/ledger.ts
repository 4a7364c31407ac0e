import { createHash } from 'node:crypto'
import { Refused } from '../domain/verdict.ts'
import { readSeen, type Seen } from '../event/seen.ts'
import { createGitData } from '../github/git-data.ts'
import type { Clock } from '../http/clock.ts'
import type { DebugHttp } from '../http/debug-line.ts'
import { createHider } from '../http/hide-secret.ts'
import {
  type ClaimContext,
  type Claimed,
  type ClaimOptions,
  claimAttempt,
  type Draft,
  type DraftOptions,
  draftClaim,
  releaseClaim,
} from './claim.ts'
import type { Entry } from './entry.ts'
import { attemptsAt, objectsForCheck, outdatedSlots, recentAttempts, showsAllBefore } from './history.ts'
import { openPublications, type Publications } from './publications/publications.ts'
import type { LedgerRecord, RecordFacts, RecordState } from './record.ts'
import { ledgerPrefix, parseRef } from './ref-names.ts'
import { findSibling, leftOpen, renamedFrom, siblingPrefix } from './renames.ts'
import { saveEntry } from './save.ts'
import { removeSeen, seenObjects, writeSeen } from './seen.ts'
import { openView, type View } from './view.ts'

const nonceBytes = 16

/** Slots that one run removes: each run takes one. */
const maxPruned = 3

/** How long a replica may not list what this workflow run has created, and the time between two lists. */
const lagMs = 30_000
const lagPollMs = 3000

/** What identifies a recipe in the ledger. */
export interface LedgerKeys {
  readonly key: string
  /** The ref of what the recipe saw. */
  readonly seenRef: string
  /** A hash of the key without the dataset's name. */
  readonly family: string
}

/** The ledger in the workflow's repository. */
export interface Ledger {
  /** Begins to read what a recipe has seen, which {@link RecipeLedger.prepare} then waits for. */
  askSeen(keys: LedgerKeys): void
  /** Lists the refs of one recipe, once: what is read afterwards is as of then, kept up with own writes. */
  recipe(keys: LedgerKeys): Promise<RecipeLedger>
  /** Prepares for several recipes: all refs are listed once, and what was seen is read once, for all of them. */
  recipes(all: readonly LedgerKeys[]): Promise<SharedLedger>
  /**
   * Where a recipe has no records: its ledger under the name that the dataset had before a rename; null when it is
   * simply new.
   *
   * @param datasetId the Hub's id of the dataset, which survives a rename
   */
  beforeRename(keys: LedgerKeys, datasetId: string): Promise<RecipeLedger | null>
  /**
   * Where a recipe has no records: the attempts that it left open under another key before it was edited.
   *
   * @param datasetId the Hub's id of the dataset
   */
  leftOpen(keys: LedgerKeys, datasetId: string): Promise<LedgerRecord[]>
  /** GitHub's calls that are left in this hour, as its last answer said; null before the first. */
  callsLeft(): number | null
  /** Tags and changes of refs that are left in this hour, by this process's own count. */
  creationsLeft(): number
}

/** The ledger of several recipes: it lists nothing by itself any more. */
interface SharedLedger extends Pick<Ledger, 'askSeen' | 'recipe' | 'beforeRename' | 'leftOpen'> {
  /**
   * Removes what was seen by recipes that the config does not have any more.
   *
   * @param owner the workflow and the path of the config, as the entries name them
   * @returns how many entries were removed
   */
  forgetSeen(owner: { workflow: string; config: string }): Promise<number>
}

/**
 * The ledger of one recipe. Every function throws `Refused` when the token, a permission or the repository is not good
 * enough, and `HttpError` or `NoAnswerError` when GitHub does not answer: then nothing may be started.
 */
export interface RecipeLedger {
  /** The key that its refs have: the recipe's own, or that of before its dataset was renamed. */
  readonly key: string
  /** Whether it has no record at all. */
  readonly isEmpty: boolean
  /** Whether the list of refs shows an attempt at a revision. */
  hasAttempt(revision: string): boolean
  /** How many attempts of the recipe the list of refs shows. */
  readonly claims: number
  /** Reads what a check needs in one query. */
  prepare(revision: string | null): Promise<void>
  /** The attempts at a revision, first first. @throws UnreadableRecord */
  attempts(revision: string): Promise<Entry[]>
  /** The attempts at all revisions that begin with some digits, in any order. @throws UnreadableRecord */
  attemptsLike(digits: string): Promise<Entry[]>
  /** The newest attempts, newest first, at most 100. @throws UnreadableRecord */
  recent(): Promise<Entry[]>
  /**
   * The refs read anew: of workflow runs that check at the same time and claim different revisions, each but the first
   * sees here what it could not see before. The newest attempts whose slots come before the entry's.
   */
  recentBefore(entry: Entry): Promise<Entry[]>
  /** Writes the record of an attempt that is about to be claimed: this proves that the ledger can be written. */
  draft(options: Omit<DraftOptions, 'nonce'>): Promise<Draft>
  /** Claims an attempt, with a slot of the day and the model's name. */
  claim(options: Omit<ClaimOptions, 'nonce'>): Promise<Claimed>
  /** Moves a record to another state; see `saveEntry`. */
  save(entry: Entry, to: RecordState, facts?: RecordFacts): Promise<Entry>
  /** What was published under the stable name. */
  readonly publications: Publications
  /** Deletes a claim whose order was certainly never sent; false when it must be left to be taken over. */
  release(entry: Entry): Promise<boolean>
  /** Whether a check has seen anything. */
  hasSeen(): Promise<boolean>
  /** What was seen last; null when nothing was. */
  seen(): Promise<Seen | null>
  /** Writes what was seen. */
  writeSeen(seen: Seen): Promise<boolean>
  /** Removes a few slots that nothing needs any more; failures are left to the next run. */
  prune(): Promise<void>
}

/**
 * Opens the ledger.
 *
 * @param options.repository the workflow's, `owner/name`
 * @param options.token with write permission for its contents
 * @param options.apiUrl `GITHUB_API_URL`, without a slash at its end
 * @param options.commit `GITHUB_SHA`: any commit of the repository, which the tag objects point at
 * @param options.secrets texts that must not get into a record, beside the token
 * @param options.randomBytes gives that many random bytes
 * @param options.debug receives one line for each HTTP try
 * @throws Refused when there is no token
 */
export function openLedger(options: {
  repository: string
  token: string
  apiUrl: string
  commit: string
  secrets?: readonly string[]
  platformFetch: typeof fetch
  clock: Clock
  randomBytes: (count: number) => Uint8Array
  debug?: DebugHttp | undefined
}): Ledger {
  const { repository, token, apiUrl, commit, platformFetch, clock, randomBytes, debug } = options
  if (token === '') {
    throw new Refused(
      `The ledger needs github-token: leave the input out for its default, or give it a token for ${repository}.`,
    )
  }
  const git = createGitData({ repository, token, apiUrl, commit, platformFetch, clock, debug })
  const hide = createHider([token, ...(options.secrets ?? [])])
  const messages = new Map<string, string>()
  const newNonce = () => Buffer.from(randomBytes(nonceBytes)).toString('hex')
  const list = (prefix: string) => openView({ git, clock }, prefix, messages)
  const contextOf = (key: string, view: View): ClaimContext => ({ git, view, key, clock, hide, sha256 })

  const asked = new Map<string, Promise<string | null>>()
  const readSeenRef = (ref: string): Promise<string | null> => {
    const held = asked.get(ref) ?? git.readRef(ref)
    asked.set(ref, held)
    return held
  }

  const bindOld = async (keys: LedgerKeys, { old, shared }: { old: string; shared: View | null }) => {
    const view = shared ?? (await list(`${ledgerPrefix}${old}`))
    return bind(contextOf(old, view), { keys, newNonce, readSeenRef, isShared: shared !== null })
  }
  const open = async (keys: LedgerKeys, shared: View | null): Promise<RecipeLedger> => {
    const context = contextOf(keys.key, shared ?? (await list(`${ledgerPrefix}${keys.key}`)))
    const old = await renamedFrom(context)
    return old === null
      ? bind(context, { keys, newNonce, readSeenRef, isShared: shared !== null })
      : bindOld(keys, { old, shared })
  }
  const siblings = new Map<string, Promise<View>>()
  const siblingsOf = ({ key }: LedgerKeys): Promise<View> => {
    const listed = siblings.get(key) ?? list(siblingPrefix(key))
    siblings.set(key, listed)
    return listed
  }
  const beforeRename = async (keys: LedgerKeys, datasetId: string, shared: View | null) => {
    const all = shared ?? (await siblingsOf(keys))
    const { family } = keys
    const old = await findSibling(contextOf(keys.key, all), { all, family, datasetId })
    return old === null ? null : bindOld(keys, { old, shared: all })
  }
  return {
    askSeen({ seenRef }) {
      const held = git.readRef(seenRef)
      held.catch(() => undefined)
      asked.set(seenRef, held)
    },
    recipe: (keys) => open(keys, null),
    async recipes(all) {
      const view = await list(ledgerPrefix)
      await view.prefetch(seenObjects(view))
      const keep = new Set(all.map(({ seenRef }) => seenRef))
      return {
        // It was listed with the rest.
        askSeen: () => undefined,
        recipe: (keys) => open(keys, view),
        beforeRename: (keys, datasetId) => beforeRename(keys, datasetId, view),
        leftOpen: ({ key }, datasetId) => {
          const others = new Set(all.map((other) => other.key))
          return leftOpen({ key }, { all: view, datasetId, others })
        },
        forgetSeen: (owner) => removeSeen({ git, view }, { ...owner, keep }),
      }
    },
    beforeRename: (keys, datasetId) => beforeRename(keys, datasetId, null),
    leftOpen: async (keys, datasetId) =>
      leftOpen(keys, { all: await siblingsOf(keys), datasetId, others: new Set() }),
    callsLeft: git.callsLeft,
    creationsLeft: git.creationsLeft,
  }
}

function bind(
  context: ClaimContext,
  options: {
    keys: LedgerKeys
    newNonce: () => string
    /** Reads the object that a ref of what was seen holds. */
    readSeenRef: (ref: string) => Promise<string | null>
    isShared: boolean
  },
): RecipeLedger {
  const { git, view, key, clock } = context
  const { keys, newNonce, readSeenRef, isShared } = options
  const seen = keys.seenRef
  return {
    key,
    isEmpty: ![...view.refs.keys()].some((ref) => parseRef(key, ref) !== null),
    hasAttempt: (revision) =>
      [...view.refs.keys()].some((ref) => {
        const parsed = parseRef(key, ref)
        return parsed?.kind === 'claim' && parsed.revision === revision
      }),
    get claims() {
      return [...view.refs.keys()].filter((ref) => parseRef(key, ref)?.kind === 'claim').length
    },
    async prepare(revision) {
      // Of several recipes it was read with the list, and most need nothing else.
      if (isShared) return
      const held = await readSeenRef(seen)
      if (held !== null) view.refs.set(seen, held)
      await view.prefetch([...objectsForCheck(view, key, revision), ...(held === null ? [] : [held])])
    },
    attempts: (revision) => attemptsAt(view, key, revision),
    async attemptsLike(digits) {
      const revisions = [...view.refs.keys()].flatMap((ref) => {
        const parsed = parseRef(key, ref)
        return parsed?.kind === 'claim' && parsed.revision.startsWith(digits) ? [parsed.revision] : []
      })
      const all = [...new Set(revisions)].map((revision) => attemptsAt(view, key, revision))
      return (await Promise.all(all)).flat()
    },
    recent: () => recentAttempts(view, key),
    recentBefore: (entry) => recentBefore(context, entry),
    draft: (options) => draftClaim(context, { ...options, nonce: newNonce() }),
    claim: (options) => claimAttempt(context, { ...options, nonce: newNonce() }),
    publications: openPublications(context),
    save: (entry, to, facts = {}) => saveEntry(context, entry, { to, facts }),
    release: (entry) => releaseClaim(context, entry),
    hasSeen: async () => view.refs.has(seen) || (!isShared && (await readSeenRef(seen)) !== null),
    seen: async () => {
      const held = view.refs.get(seen)
      return held === undefined ? null : readSeen(await view.message(held))
    },
    writeSeen: (what) => writeSeen(context, { ref: seen, seen: what }),
    async prune() {
      // A success that is older than what is read may be a base.
      const recent = await recentAttempts(view, key)
      if (!recent.some(({ record }) => record.atHead && record.state === 'succeeded')) return
      for (const { ref } of outdatedSlots(view, key, clock.now()).slice(0, maxPruned)) {
        await git.deleteRef(ref).catch(() => undefined)
        view.refs.delete(ref)
      }
    },
  }
}

async function recentBefore({ git, clock, view, key }: ClaimContext, entry: Entry): Promise<Entry[]> {
  const before = entry.with[0] ?? null
  const end = clock.now() + lagMs
  for (;;) {
    const fresh = await openView({ git, clock }, `${ledgerPrefix}${key}`, view.known)
    const isWhole = before === null || (await showsAllBefore(fresh, key, { before, now: clock.now() }))
    if (isWhole || clock.now() >= end) {
      for (const [ref, sha] of fresh.refs) if (!view.refs.has(ref)) view.refs.set(ref, sha)
      const found = await recentAttempts(fresh, key, { before })
      return found.filter(({ ref }) => ref !== entry.ref)
    }
    await clock.sleep(lagPollMs)
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
