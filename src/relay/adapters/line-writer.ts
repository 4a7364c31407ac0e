import type { Writable } from 'node:stream'

/** Writes lines in batches. */
export interface LineWriter {
  write(line: string): void
  /** Resolves once every line is out. */
  flush(): Promise<void>
}

/**
 * Gathers the lines of one turn of the event loop into one write: a system call for each line would be a good
 * part of what a refused delivery costs.
 */
export function createLineWriter(out: Writable): LineWriter {
  let pending = ''
  const send = () => {
    const text = pending
    pending = ''
    return new Promise<void>((resolve) => (text === '' ? resolve() : out.write(text, () => resolve())))
  }
  return {
    write(line) {
      if (pending === '') setImmediate(send)
      pending += `${line}\n`
    },
    flush: send,
  }
}
