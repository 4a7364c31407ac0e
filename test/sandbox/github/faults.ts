import type { RecordedRequest } from './loopback.ts'

/** Something that goes wrong, for the requests it fits. */
export interface Fault {
  /** Default: any method. */
  method?: string
  /** Fits the path without the query. */
  path: RegExp
  /** How many requests it spoils; default all. */
  times?: number
  /** Answers this status; default 500. */
  status?: number
  /** A string goes out as text, anything else as JSON. */
  body?: unknown
  headers?: Record<string, string>
  /** Never answers. */
  hang?: boolean
  /** Resets the connection; nothing is done. */
  reset?: boolean
  /** Does the work, then resets the connection: the client never learns. */
  acceptThenReset?: boolean
}

/** Where faults are announced. */
export interface Faults {
  /** Adds a fault; returns a function that takes it away. */
  fault(fault: Fault): () => void
}

/** A list of faults: the oldest that fits and is not used up is taken. */
export function matchFaults(): Faults & { take(request: RecordedRequest): Fault | undefined } {
  const faults: { fault: Fault; left: number }[] = []
  return {
    fault(fault) {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY }
      faults.push(entry)
      return () => {
        entry.left = 0
      }
    },
    take(request) {
      const found = faults.find(({ fault, left }) => left > 0 && fits(fault, request))
      if (found) {
        found.left -= 1
      }
      return found?.fault
    },
  }
}

function fits(fault: Fault, request: RecordedRequest): boolean {
  const methodFits = fault.method === undefined || fault.method === request.method
  return methodFits && new RegExp(fault.path.source, fault.path.flags.replace('g', '')).test(request.path)
}
