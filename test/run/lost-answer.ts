import { UnclearStart } from '../../src/domain/verdict.ts'
import { runOf } from './provider.ts'
import type { Rig } from './rig.ts'

/**
 * The answer to the first order is lost, and its run is shown by nothing until it is revealed.
 *
 * @param options.isShownByNextOrder whether the next order reveals it. @default false
 */
export function loseFirst({ provider }: Rig, { isShownByNextOrder = false } = {}) {
  const { start, find, list } = provider.trainer()
  let lost: string | null = null
  let isHidden = true
  provider.does({
    start: async (order, context) => {
      await start(order, context)
      if (lost !== null) {
        isHidden = !isShownByNextOrder
        return runOf(order)
      }
      lost = order.nonce
      throw new UnclearStart('The Hub gave no clear answer when creating the Job.')
    },
    find: async (order, signal) =>
      isHidden && order.nonce === lost ? null : ((await find?.(order, signal)) ?? null),
    list: async (order, signal) =>
      ((await list?.(order, signal)) ?? []).filter(({ nonce }) => !isHidden || nonce !== lost),
  })
  return {
    revealInFind: () => provider.does({ find }),
    revealInList: () => provider.does({ list }),
  }
}
