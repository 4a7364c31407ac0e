/** Prints a story with the time since its beginning beside each line. */
export interface Teller {
  scene(title: string): void
  say(line: string): void
  /** From now on nothing is printed. */
  silence(): void
}

/** @returns a teller whose clock starts now */
export function createTeller(options: { now: () => number; print: (line: string) => void }): Teller {
  const { now, print } = options
  const start = now()
  let isSilent = false
  const tell = (line: string) => {
    if (!isSilent) print(line)
  }
  return {
    scene: (title) => tell(`\n${title}`),
    say: (line) => tell(`${((now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}`),
    silence() {
      isSilent = true
    },
  }
}
