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

/** The ledger in the repository of the workflow. */
export interface Ledger {
  /** Lists the refs of one recipe, once. Later reads show that state and this workflow run's own writes. */
  recipe(key: string): Promise<RecipeLedger>
}

/**
 * The ledger of one recipe. Every function throws `Refused` when the token, a permission or the repository needs a fix,
 * and `HttpError` or `NoAnswerError` when GitHub fails. Then nothing may be started.
 */
export interface RecipeLedger {
  /**
   * The entry of the latest attempt at a revision, for `decide`; null when there is none.
   *
   * @throws UnreadableRecord when its record cannot be read
   */
  latest(revision: string): Promise<Entry | null>
  /** The last runs, newest first, without those that cannot be read. */
  history(count: number): Promise<Entry[]>
  /**
   * The entries to close before anything is decided: started runs, and claims whose owner died before it recorded a run.
   * For such a claim, ask the provider for a run with its nonce. If there is one, save it in the record; if there
   * certainly is none, save the record as cancelled, which frees the revision for the next attempt.
   *
   * Of a long history it reads the newest part, and a part of the rest that depends on the turn.
   *
   * @param turn an integer, 0 or more, that differs from one workflow run to the next
   */
  open(turn?: number): Promise<Entry[]>
  /**
   * The newest entry whose run succeeded or is active: what a change is compared with.
   *
   * @throws UnreadableRecord when a record on the way cannot be read
   */
  base(): Promise<Entry | null>
  /**
   * The same, read again, among the runs whose slot comes before an entry's. When workflow runs claim different revisions
   * at the same time, each of them sees here the claims that were not there at its first comparison.
   *
   * @throws UnreadableRecord when a record on the way cannot be read
   */
  baseBefore(entry: Entry): Promise<Entry | null>
  /** Claims an attempt: one workflow run becomes the owner, and the others get the owner's entry. */
  claim(options: { revision: string; attempt: number; claimant: Claimant }): Promise<Claimed>
  /** Takes a slot of the day for a claim, before its run is started; null when all `max` slots are taken. */
  takeDaySlot(entry: Entry, max: number): Promise<Entry | null>
  /**
   * Changes a record.
   *
   * @throws TakenOver when another workflow run changed or deleted it since the entry was read or written; a run that was
   *   just started for this entry has to be cancelled
   */
  save(entry: Entry, changes: RecordChanges): Promise<Entry>
  /** Deletes a claim whose run certainly never started; false when it stays and can be taken over. */
  release(entry: Entry): Promise<boolean>
}

/**
 * Opens the ledger.
 *
 * @param options.repository the workflow's, `owner/name`
 * @param options.token a token with write permission for its contents
 * @param options.apiUrl `GITHUB_API_URL`, without a trailing slash
 * @param options.commit `GITHUB_SHA`: any commit of the repository, which the tag objects point to
 * @param options.secrets secrets to hide in records, in addition to the token
 * @param options.randomBytes returns the given number of random bytes
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
      `github-token is empty, and the ledger needs it: leave the input out, or set it to a token for ${repository}.`,
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
