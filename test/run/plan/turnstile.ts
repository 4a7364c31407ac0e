import { setImmediate } from 'node:timers/promises'

/** Lets requests pass in waves: one wave begins once every answer of the one before was read and all work is at rest. */
export interface Turnstile {
  /** What was sent, wave by wave: `GET /path`. */
  readonly waves: readonly (readonly string[])[]
  /** A function that sends requests, held back until its wave. It must resolve once the whole answer is there. */
  around<Request extends { method?: string | undefined }, Answer>(
    send: (url: string, request: Request) => Promise<Answer>,
  ): (url: string, request: Request) => Promise<Answer>
}

/** How often the event loop must turn without a new request before a wave is complete. */
const quietTurns = 50

interface Waiting {
  readonly name: string
  readonly pass: () => void
}

/** Creates a turnstile that nothing has passed. */
export function createTurnstile(): Turnstile {
  const waves: string[][] = []
  let waiting: Waiting[] = []
  let underWay = 0
  let isWatched = false
  const watch = async () => {
    isWatched = true
    for (let quiet = 0, known = 0; waiting.length > 0; ) {
      await setImmediate()
      quiet = underWay > 0 || waiting.length !== known ? 0 : quiet + 1
      known = waiting.length
      if (quiet < quietTurns) continue
      const wave = waiting
      waiting = []
      underWay = wave.length
      quiet = 0
      waves.push(wave.map(({ name }) => name))
      for (const { pass } of wave) pass()
      while (underWay > 0) await setImmediate()
    }
    isWatched = false
  }
  return {
    waves,
    around: (send) => async (url, request) => {
      const name = `${request.method ?? 'GET'} ${new URL(url).pathname}`
      await new Promise<void>((pass) => {
        waiting.push({ name, pass })
        if (!isWatched) void watch()
      })
      try {
        return await send(url, request)
      } finally {
        underWay -= 1
      }
    },
  }
}
