/** Which kinds of hardware have a machine free. */
export interface Machines {
  /** While a flavor is not free, its new Jobs stay in SCHEDULING. @default every flavor is free */
  setFree(flavor: string, isFree: boolean): void
  /** Resolves once the flavor is free, or when the signal aborts. */
  wait(flavor: string, signal: AbortSignal): Promise<void>
}

/** @returns machines of every kind */
export function createMachines(): Machines {
  const taken = new Set<string>()
  const waiting = new Set<() => void>()
  return {
    setFree(flavor, isFree) {
      if (isFree) taken.delete(flavor)
      else taken.add(flavor)
      for (const look of [...waiting]) look()
    },
    wait: (flavor, signal) =>
      new Promise((resolve) => {
        const look = () => {
          if (taken.has(flavor) && !signal.aborted) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        signal.addEventListener('abort', look)
        look()
      }),
  }
}
