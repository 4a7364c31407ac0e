/** Prints a story with the time since its beginning beside each line. */
export interface Teller {
  scene(title: string): void
  say(line: string): void
}

/** @returns a teller whose clock starts now */
export function createTeller(options: { now: () => number; print: (line: string) => void }): Teller {
  const { now, print } = options
  const start = now()
  return {
    scene: (title) => print(`\n${title}`),
    say: (line) => print(`${((now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}`),
  }
}
