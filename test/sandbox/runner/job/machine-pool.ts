import type { MachinePlace } from './setup.ts'

/**
 * Lets a number of jobs run at once; the others wait in order.
 *
 * @param size how many machines there are
 * @returns takes a machine, or undefined when called off before one was free
 */
export function createMachinePool(size: number): (given: AbortSignal) => Promise<MachinePlace | undefined> {
  let free = size
  const waiting: (() => void)[] = []

  function place(): MachinePlace {
    let given = false
    return {
      giveBack() {
        if (given) return
        given = true
        const next = waiting.shift()
        if (next === undefined) free += 1
        else next()
      },
    }
  }

  return (given) =>
    new Promise((resolve) => {
      if (given.aborted) return resolve(undefined)
      if (free > 0) {
        free -= 1
        return resolve(place())
      }
      const take = () => resolve(place())
      waiting.push(take)
      given.addEventListener('abort', () => {
        const index = waiting.indexOf(take)
        if (index >= 0) waiting.splice(index, 1)
        resolve(undefined)
      })
    })
}
