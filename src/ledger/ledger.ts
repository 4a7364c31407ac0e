import { createHash } from 'node:crypto'
import { Refused } from '../domain/verdict.ts'
import { readSeen, type Seen, seenPrefix } from '../event/seen.ts'
import { createGitData } from '../github/git-data.ts'
import type { Clock } from '../http/clock.ts'
import type { DebugHttp } from '../http/debug-line.ts'
import { createHider } from '../http/hide-secret.ts'
import {
  type ClaimContext,
  type Claimed,
  type ClaimOptions,
  claimAttempt,
  createOrRead,
  releaseClaim,
  slotsToRemove,
} from './claim.ts'
import type { Entry } from './entry.ts'
import { attemptsAt, objectsForCheck, recentAttempts } from './history.ts'
import { type RecordFacts, type RecordState, readRecord } from './record.ts'
import { ledgerPrefix, parseRef, renamedRef } from './ref-names.ts'
import { saveEntry } from './save.ts'
import { writeSeen } from './seen.ts'
import { openView, type View } from './view.ts'

const nonceBytes = 16

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
  /** Lists the refs of one recipe, once: what is read afterwards is as of then, kept up with own writes. */
  recipe(keys: LedgerKeys): Promise<RecipeLedger>
  /**
   * Prepares for several recipes: all refs are listed once, for all of them.
   *
   * @returns a function like `recipe` that asks for no list of its own
   */
  recipes(): Promise<(keys: LedgerKeys) => Promise<RecipeLedger>>
  /**
   * Where a recipe has no records: its ledger under the name that the dataset had before a rename; null when it is
   * simply new.
   *
   * @param datasetId the Hub's id of the dataset, which survives a rename
   */
  beforeRename(keys: LedgerKeys, datasetId: string): Promise<RecipeLedger | null>
  /** GitHub's calls that are left in this hour, as its last answer said; null before the first. */
  callsLeft(): number | null
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
  /** Whether what was seen is known without another call: it was read for several recipes together. */
  readonly isSeenKnown: boolean
  /** Reads what a check needs in one query. */
  prepare(revision: string | null): Promise<void>
  /** The attempts at a revision, first first. @throws UnreadableRecord */
  attempts(revision: string): Promise<Entry[]>
  /** The newest attempts, newest first, at most 100. @throws UnreadableRecord */
  recent(): Promise<Entry[]>
  /**
   * The refs read anew: of workflow runs that check at the same time and claim different revisions, each but the first
   * sees here what it could not see before. The newest attempts whose slots come before the entry's.
   */
  recentBefore(entry: Entry): Promise<Entry[]>
  /** Claims an attempt, with a slot of the day and the model's name. */
  claim(options: Omit<ClaimOptions, 'nonce'>): Promise<Claimed>
  /** Moves a record to another state; see `saveEntry`. */
  save(entry: Entry, to: RecordState, facts?: RecordFacts): Promise<Entry>
  /** Deletes a claim whose order was certainly never sent; false when it must be left to be taken over. */
  release(entry: Entry): Promise<boolean>
  /** What was seen last; null when nothing was. */
  seen(): Promise<Seen | null>
  /** Writes what was seen. */
  writeSeen(seen: Seen): Promise<boolean>
  /** Removes slots that nothing needs any more; failures are left to the next run. */
  prune(keep: readonly Entry[]): Promise<void>
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

  const open = async (keys: LedgerKeys, listed: View | null): Promise<RecipeLedger> => {
    const first = listed ?? (await openView(git, `${ledgerPrefix}${keys.key}`, messages))
    const context: ClaimContext = { git, view: first, key: keys.key, clock, hide, sha256 }
    const renamed = await renamedFrom(context)
    const isSeenKnown = listed !== null
    if (renamed === null) return bind(context, keys, { newNonce, isSeenKnown })
    // What was listed for several recipes has the refs below the old key too.
    return listed === null
      ? bindOld(context, keys, renamed)
      : bind({ ...context, key: renamed }, keys, { newNonce, isSeenKnown })
  }
  const bindOld = async (context: ClaimContext, keys: LedgerKeys, old: string): Promise<RecipeLedger> => {
    const view = await openView(git, `${ledgerPrefix}${old}`, messages)
    return bind({ ...context, view, key: old }, keys, { newNonce, isSeenKnown: false })
  }
  return {
    recipe: (keys) => open(keys, null),
    async recipes() {
      const view = await openView(git, ledgerPrefix, messages)
      // One query for all recipes: most checks end with what was seen.
      const seen = [...view.refs].filter(([ref]) => ref.startsWith(seenPrefix))
      await view.prefetch(seen.map(([, sha]) => sha))
      return (keys) => open(keys, view)
    },
    async beforeRename(keys, datasetId) {
      const view = await openView(git, `${ledgerPrefix}${keys.key}`, messages)
      const context: ClaimContext = { git, view, key: keys.key, clock, hide, sha256 }
      const old = await findSibling(context, { keys, datasetId })
      return old === null ? null : bindOld(context, keys, old)
    },
    callsLeft: git.callsLeft,
  }
}

function bind(
  context: ClaimContext,
  keys: LedgerKeys,
  { newNonce, isSeenKnown }: { newNonce: () => string; isSeenKnown: boolean },
): RecipeLedger {
  const { git, view, key } = context
  const seen = keys.seenRef
  return {
    key,
    isEmpty: ![...view.refs.keys()].some((ref) => parseRef(key, ref) !== null),
    isSeenKnown,
    async prepare(revision) {
      if (!isSeenKnown && !view.refs.has(seen)) {
        const held = await git.readRef(seen)
        if (held !== null) view.refs.set(seen, held)
      }
      await view.prefetch([...objectsForCheck(view, key, revision), view.refs.get(seen) ?? []].flat())
    },
    attempts: (revision) => attemptsAt(view, key, revision),
    recent: () => recentAttempts(view, key),
    recentBefore: async (entry) => {
      const slot = entry.with[0] ?? null
      return recentAttempts(await openView(git, `${ledgerPrefix}${key}`, view.known), key, { before: slot })
    },
    claim: (options) => claimAttempt(context, { ...options, nonce: newNonce() }),
    save: (entry, to, facts = {}) => saveEntry(context, entry, { to, facts }),
    release: (entry) => releaseClaim(context, entry),
    seen: async () => {
      const held = view.refs.get(seen)
      return held === undefined ? null : readSeen(await view.message(held))
    },
    writeSeen: (what) => writeSeen(context, { ref: seen, seen: what }),
    async prune(keep) {
      const kept = new Set(keep.map(({ record }) => record.nonce))
      const stays = (sha: string) => kept.has(readRecord(view.known.get(sha) ?? '')?.nonce ?? '')
      for (const ref of slotsToRemove(view, key, { now: context.clock.now(), keep: stays }).slice(0, 5)) {
        await git.deleteRef(ref).catch(() => undefined)
        view.refs.delete(ref)
      }
    },
  }
}

/** The key that a renamed recipe left in its new key's place; null when there is none. */
async function renamedFrom({ view, key }: Pick<ClaimContext, 'view' | 'key'>): Promise<string | null> {
  const held = view.refs.get(renamedRef(key))
  const name = held === undefined ? null : await view.message(held)
  return name === null ? null : name.trim()
}

/**
 * Looks for the recipe under the name that its dataset had before: a sibling (same namespace and prefix) whose records
 * have the same dataset id and the same family. It is written down, so that no later run searches again.
 */
async function findSibling(
  context: ClaimContext,
  { keys, datasetId }: { keys: LedgerKeys; datasetId: string },
): Promise<string | null> {
  const { git, view, key } = context
  const slug = key.replace(/-[0-9a-f]{8}$/, '')
  const all = await openView(git, `${ledgerPrefix}${slug}-`, view.known)
  const siblings = new Set(
    [...all.refs.keys()].flatMap((ref) => ref.slice(ledgerPrefix.length).split('/')[0] ?? []),
  )
  siblings.delete(key)
  for (const sibling of siblings) {
    const slots = [...all.refs].filter(([ref]) => parseRef(sibling, ref)?.kind === 'day')
    const [, sha = ''] = slots.at(-1) ?? []
    const record = await all.record(sha)
    if (record?.dataset?.id !== datasetId || record.dataset.family !== keys.family) continue
    const ref = renamedRef(key)
    const tag = await git.createTag({ tag: ref.replace(/^refs\//, ''), message: `${sibling}\n` })
    await createOrRead(context, ref, tag)
    return sibling
  }
  return null
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
