import { Refused } from '../domain/verdict.ts'
import { createGitData } from '../github/git-data.ts'
import type { Clock } from '../http/clock.ts'
import type { DebugHttp } from '../http/debug-line.ts'
import { type ClaimContext, type Claimed, claimRevision, releaseClaim, takeSlot } from './claim.ts'
import type { Entry } from './entry.ts'
import { baseEntry, lastEntries, latestEntry, openEntries } from './history.ts'
import type { Claimant, RecordChanges } from './record.ts'
import { saveEntry } from './save.ts'
import { openView } from './view.ts'

const nonceBytes = 16

/** The ledger in the workflow's repository. */
export interface Ledger {
  /** Lists the refs of one recipe, once: what is read afterwards is as of then, kept up with own writes. */
  recipe(key: string): Promise<RecipeLedger>
}

/**
 * The ledger of one recipe. Every function throws `Refused` when the token, a permission or the repository is
 * not good enough, and `HttpError` or `NoAnswerError` when GitHub does not do its part: then nothing may be
 * started.
 */
export interface RecipeLedger {
  /**
   * The record of the highest attempt at a revision, for `decide`; null when there is none.
   *
   * @throws UnreadableRecord when there is one that cannot be read
   */
  latest(revision: string): Promise<Entry | null>
  /** The last runs, newest first; what cannot be read is left out. */
  history(count: number): Promise<Entry[]>
  /**
   * Records to be closed, before anything is decided: runs that nobody saw end, and claims that were left
   * before their run was recorded. For such a claim the provider is asked for a run with its nonce: one that
   * exists is saved into the record; when there certainly is none, the record is saved as cancelled, and the
   * revision is free for a next attempt.
   *
   * Of a long history the newest part is looked at, and of the rest a part that depends on the turn.
   *
   * @param turn a whole number that differs from one workflow run to the next
   */
  open(turn?: number): Promise<Entry[]>
  /**
   * The newest record whose run succeeded or is still going: what a change is measured from.
   *
   * @throws UnreadableRecord when one stands in the way that cannot be read
   */
  base(): Promise<Entry | null>
  /**
   * The same, read anew, among the runs whose slot comes before an entry's: of workflow runs that look at the
   * same time and claim different revisions, each but the first sees here what it could not see when it looked.
   *
   * @throws UnreadableRecord when one stands in the way that cannot be read
   */
  baseBefore(entry: Entry): Promise<Entry | null>
  /** Claims an attempt; of those who try, one is the owner, and the others get the owner's record. */
  claim(options: { revision: string; attempt: number; claimant: Claimant }): Promise<Claimed>
  /** Takes a slot of the day for a claim before its run is started; null when all `max` are taken. */
  takeDaySlot(entry: Entry, max: number): Promise<Entry | null>
  /**
   * Changes a record.
   *
   * @throws TakenOver when another workflow run changed or deleted it since the entry was read or written;
   *   whoever just started a run for this entry has to cancel that run
   */
  save(entry: Entry, changes: RecordChanges): Promise<Entry>
  /** Gives back a claim whose run certainly never started; false when it is left to be taken over. */
  release(entry: Entry): Promise<boolean>
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
 * @param options.debug receives one line for each try of a request to GitHub
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
  const secrets = [token, ...(options.secrets ?? [])]

  return {
    async recipe(key) {
      const view = await openView(git, key)
      const context: ClaimContext = { git, view, key, clock, secrets }
      return {
        latest: (revision) => latestEntry(view, key, revision),
        history: (count) => lastEntries(view, key, count),
        open: (turn = 0) => openEntries(view, key, { now: clock.now(), turn }),
        base: () => baseEntry(view, key, { now: clock.now() }),
        baseBefore: async ({ slot }) =>
          baseEntry(await openView(git, key), key, { now: clock.now(), before: slot }),
        claim: (claim) =>
          claimRevision(context, { ...claim, nonce: Buffer.from(randomBytes(nonceBytes)).toString('hex') }),
        takeDaySlot: (entry, max) => takeSlot(context, entry, max),
        save: (entry, changes) => saveEntry(context, entry, changes),
        release: (entry) => releaseClaim(context, entry),
      }
    },
  }
}
