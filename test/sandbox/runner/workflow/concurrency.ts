/** A place in a concurrency group. */
export interface Place {
  leave(): void
}

interface Member {
  /** Tells the one that runs to stop. */
  cancel(): void
  start(place: Place | undefined): void
}

interface Group {
  running: Member | undefined
  pending: Member[]
}

/** The concurrency groups of a repository. */
export interface ConcurrencyGroups {
  /**
   * Enters a group: at once if it is empty. Otherwise the newcomer waits. With `single` it cancels the one that waits
   * already; with `max` up to 100 wait, and a newcomer to a full queue is cancelled itself. With `cancelInProgress`
   * the newcomer also cancels the one that runs.
   * https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
   *
   * @param options.group its name; case does not count
   * @param options.queue how many may wait: one (`single`) or 100 (`max`)
   * @param options.onPending called when it has to wait
   * @param options.cancel called when a newer one wants the place of this one while it runs
   * @param options.given called off while pending
   * @returns the place, or undefined if it was cancelled before it got one
   */
  enter(options: {
    group: string
    cancelInProgress: boolean
    queue: 'single' | 'max'
    onPending: () => void
    cancel: () => void
    given: AbortSignal
  }): Promise<Place | undefined>
}

const maxQueueLength = 100

/** @returns groups that nobody is in */
export function createConcurrencyGroups(): ConcurrencyGroups {
  const groups = new Map<string, Group>()

  function next(group: Group) {
    const member = group.pending.shift()
    group.running = member
    member?.start(placeOf(group, member))
  }

  function placeOf(group: Group, member: Member): Place {
    return {
      leave() {
        if (group.running === member) next(group)
      },
    }
  }

  return {
    enter({ group: name, cancelInProgress, queue, onPending, cancel, given }) {
      const key = name.toLowerCase()
      const group = groups.get(key) ?? { running: undefined, pending: [] }
      groups.set(key, group)
      return new Promise((resolve) => {
        const member: Member = { cancel, start: resolve }
        if (group.running === undefined) {
          group.running = member
          resolve(placeOf(group, member))
          return
        }
        if (queue === 'max' && group.pending.length >= maxQueueLength) {
          resolve(undefined)
          return
        }
        if (queue === 'single') for (const older of group.pending.splice(0)) older.start(undefined)
        group.pending.push(member)
        given.addEventListener('abort', () => {
          const index = group.pending.indexOf(member)
          if (index >= 0) group.pending.splice(index, 1)[0]?.start(undefined)
        })
        onPending()
        if (cancelInProgress) group.running.cancel()
      })
    },
  }
}
