/** Prints the demo's scenes, each line with the time since the start. */
export interface Narrator {
  scene(title: string): void
  line(text: string): void
  /** Stops all further output. */
  silence(): void
}

/** @returns a narrator whose clock starts now */
export function createNarrator(options: { now: () => number; print: (line: string) => void }): Narrator {
  const { now, print } = options
  const start = now()
  let isSilent = false
  const write = (line: string) => {
    if (!isSilent) print(line)
  }
  return {
    scene: (title) => write(`\n${title}`),
    line: (text) => write(`${((now() - start) / 1000).toFixed(1).padStart(6)} s  ${text}`),
    silence() {
      isSilent = true
    },
  }
}
