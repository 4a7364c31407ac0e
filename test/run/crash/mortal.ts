import type { Trainer } from '../../../src/domain/training.ts'

/** The n-th call to another service is the last, as by SIGKILL: the process dies before or after the call's effect. */
export interface Death {
  readonly at: number
  readonly when: 'before' | 'after'
}

/** All calls of a process that may die at any of them. */
export interface Life {
  /** A call goes through while the process lives; afterwards it never returns. */
  readonly act: <T>(call: () => Promise<T>) => Promise<T>
  readonly fetch: typeof fetch
  /** How many calls were made. */
  count(): number
  isOver(): boolean
  /** The result of the process; null once it died, when what it had sent before has arrived. */
  outlive<T>(work: Promise<T>): Promise<T | null>
}

/** Begins the life of a process. */
export function beginLife(death: Death | null): Life {
  const sent = new Set<Promise<unknown>>()
  let count = 0
  let isOver = false
  let die = () => {}
  const died = new Promise<null>((resolve) => {
    die = () => {
      isOver = true
      resolve(null)
    }
  })
  const hang = <T>() => new Promise<T>(() => {})
  const send = async <T>(call: () => Promise<T>): Promise<T> => {
    const sending = call()
    sent.add(sending)
    try {
      return await sending
    } finally {
      sent.delete(sending)
    }
  }
  const act = async <T>(call: () => Promise<T>): Promise<T> => {
    if (isOver) return hang()
    count += 1
    const isLast = death !== null && count === death.at
    if (isLast && death.when === 'before') {
      die()
      return hang()
    }
    const result = await send(call).catch((error: unknown) => {
      if (isOver) return hang<T>()
      throw error
    })
    if (isLast) die()
    return isOver ? hang() : result
  }
  return {
    act,
    fetch: (input, init) => act(() => fetch(input, init)),
    count: () => count,
    isOver: () => isOver,
    async outlive(work) {
      const result = await Promise.race([work, died])
      await Promise.allSettled(sent)
      return result
    },
  }
}

/**
 * The trainer as a process that may die calls it. What is started on the runner itself is no call to another service:
 * its process is noted at once.
 */
export function mortalTrainer(trainer: Trainer, { act, isOver }: Life): Trainer {
  const { start, find, list, follow, inspect, cancel, endProcess, judgeByModel } = trainer
  return {
    ...trainer,
    start: (...given) => {
      const isLocal = find === undefined && !isOver()
      return isLocal ? start(...given) : act(() => start(...given))
    },
    ...(find && { find: (...given) => act(() => find(...given)) }),
    ...(list && { list: (...given) => act(() => list(...given)) }),
    ...(follow && { follow: (...given) => act(() => follow(...given)) }),
    ...(inspect && { inspect: (...given) => act(() => inspect(...given)) }),
    ...(cancel && { cancel: (...given) => act(() => cancel(...given)) }),
    ...(endProcess && { endProcess: (...given) => act(() => endProcess(...given)) }),
    ...(judgeByModel && { judgeByModel: (...given) => act(() => judgeByModel(...given)) }),
  }
}
