/** One event of a Job's log. */
export interface LogLine {
  data: string
  timestamp: Date
}

/** Everything a Job printed, and who is listening. */
export interface LogBook {
  readonly lines: readonly LogLine[]
  readonly isEnded: boolean
  append(data: string): void
  end(): void
  /** Calls back for each line from now on, and once at the end. Returns the way to stop listening. */
  follow(listener: { line: (line: LogLine) => void; end: () => void }): () => void
}

/**
 * @param now the clock
 * @returns an empty log
 */
export function createLogBook(now: () => Date): LogBook {
  const lines: LogLine[] = []
  const listeners = new Set<{ line: (line: LogLine) => void; end: () => void }>()
  let isEnded = false
  return {
    lines,
    get isEnded() {
      return isEnded
    },
    append(data) {
      const line = { data, timestamp: now() }
      lines.push(line)
      for (const listener of listeners) listener.line(line)
    },
    end() {
      if (isEnded) return
      isEnded = true
      for (const listener of listeners) listener.end()
      listeners.clear()
    },
    follow(listener) {
      if (isEnded) {
        listener.end()
        return () => {}
      }
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
