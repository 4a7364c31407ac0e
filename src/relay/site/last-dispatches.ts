import type { Dispatch, DispatchResult } from '../../github/dispatch.ts'

/** The newest dispatch to a repository. */
export interface LastDispatch {
  /** `owner/name` */
  readonly repository: string
  readonly outcome: DispatchResult['outcome']
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The newest dispatch to each repository since the start, in memory only. */
export interface LastDispatches {
  /** The same dispatch, which is also remembered. */
  readonly dispatch: Dispatch
  /** Those that GitHub did not accept come first. */
  all(): readonly LastDispatch[]
}

/**
 * Remembers how the newest dispatch to each repository ended: that GitHub shows a repository does not mean that it takes
 * a dispatch.
 *
 * @param options.now the time in milliseconds since the epoch
 */
export function rememberDispatches({
  dispatch,
  now,
}: {
  dispatch: Dispatch
  now: () => number
}): LastDispatches {
  const last = new Map<string, LastDispatch>()
  return {
    async dispatch(target, payload) {
      const result = await dispatch(target, payload)
      const { repository } = target
      last.set(repository.toLowerCase(), { repository, outcome: result.outcome, at: now() })
      return result
    },
    all: () => [...last.values()].toSorted((a, b) => Number(isAccepted(a)) - Number(isAccepted(b))),
  }
}

/** Whether GitHub accepted it. */
export function isAccepted({ outcome }: Pick<LastDispatch, 'outcome'>): boolean {
  return outcome === 'accepted'
}
