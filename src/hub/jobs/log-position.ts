import { isPartOf, overlapOf } from './log-overlap.ts'

/** At least so many of the last lines are remembered, each as two numbers. */
const maxRemembered = 10_000

/** So many lines at the beginning of a log show whether it is sent from there. */
const headLength = 3

const { imul } = Math

/** A line as the Hub sends it. */
export interface SentLine {
  readonly text: string
  /** When it was printed, in milliseconds since the epoch; null where the Hub does not say. */
  readonly timeMs: number | null
}

/** A line that was not read before. */
export interface NewLine {
  readonly text: string
  /** Whether lines that were printed after it have been read already: an earlier connection left it out. */
  readonly isLate: boolean
}

/** How far a log was read, over all connections to it. */
export interface LogPosition {
  /** A connection begins. It may send lines again: all, the first and the last ones, only the last ones, or none. */
  connect(): void
  /** Takes the next line of the connection; returns those that are new, in their order. */
  take(line: SentLine): NewLine[]
  /** The connection has ended; returns what was held back because it might have been read before. */
  disconnect(): NewLine[]
}

interface Line {
  /** Of its text and its own time. */
  readonly key: number
  readonly text: string
  /** Its time, or that of the line before it in the connection. */
  readonly timeMs: number | null
  /** Whether a line with the same key may be another one. */
  readonly isVague: boolean
}

/** What is remembered of a line that was read. */
interface ReadLine extends Pick<Line, 'key' | 'timeMs'> {
  /** The number of the connection that it was first read on. */
  readonly connection: number
}

/**
 * Starts at the beginning of a log. Lines are recognised by time and text, never by their number: a line is new when it
 * was not read with that time and text. Where the time is missing, or that of the last line, an equal line may be another
 * one: then the order decides, by the longest overlap with the last lines read. Lines that no order tells apart count as
 * sent again.
 *
 * After a connection that left out lines, lines with the time of the last one may come twice.
 *
 * Memory is bounded: older lines than the last 10,000 are recognised by their time alone. Without times, they are
 * recognised only in a connection that begins with the first lines of the log.
 */
export function createLogPosition(): LogPosition {
  const head: number[] = []
  const read = createReadLines()
  let connection = 0
  let isCaughtUp = true
  let held: Line[] = []
  let sent = 0
  let skipped = 0
  let isFromStart = true
  let lastTimeMs: number | null = null
  let vagueTimeMs: number | null = null

  const accept = (line: Line, isLate: boolean): NewLine => {
    const { key, text, timeMs } = line
    if (head.length < headLength) head.push(key)
    read.add({ key, timeMs, connection }, isLate)
    return { text, isLate }
  }

  /** Whether it is older than what is remembered. There are no more such lines than were forgotten. */
  const isOld = ({ key, timeMs, isVague }: Line): boolean => {
    if (skipped >= read.forgotten) return false
    if (timeMs === null || isVague) return isFromStart
    return timeMs <= read.forgottenUntilMs && !read.hasBefore(connection, key)
  }

  /** Whether lines that were read may come after it, which the connection has not sent yet. */
  const isLate = ({ timeMs }: Line): boolean =>
    timeMs !== null && timeMs < read.latestMs && held.at(-1)?.key !== read.last()?.key

  /** Decides which of the lines that were held back are new. */
  const settle = (isCut: boolean): NewLine[] => {
    const lines = held
    held = []
    if (!lines.some(({ isVague }) => isVague)) return []
    const keys = lines.map(({ key }) => key)
    const known = read.keys()
    // The first line of the log, before a part of the log that does not follow it.
    const [firstKey = Number.NaN] = keys
    const first = firstKey === head[0] && !keys.includes(firstKey, 1) ? 1 : 0
    if (isCut && (isPartOf(known, keys) || isPartOf(known, keys.slice(first)))) return []
    const begun = overlapOf(known, keys) || first
    return lines
      .slice(begun)
      .filter(({ isVague }) => isVague)
      .map((line) => accept(line, false))
  }

  const takeUp = (line: Line): NewLine[] => {
    isFromStart &&= sent >= headLength || line.key === head[sent]
    sent += 1
    if (isOld(line)) {
      skipped += 1
      return []
    }
    if (read.hasBefore(connection, line.key)) {
      held.push(line)
      if (held.length <= read.length) return []
      isCaughtUp = true
      return settle(false)
    }
    if (isLate(line)) return [accept(line, true)]
    isCaughtUp = true
    return [...settle(false), accept(line, false)]
  }

  return {
    connect() {
      connection += 1
      isCaughtUp = read.last() === undefined
      held = []
      sent = 0
      skipped = 0
      isFromStart = true
      lastTimeMs = null
      vagueTimeMs = read.last()?.timeMs ?? null
    },
    take({ text, timeMs }) {
      lastTimeMs = timeMs ?? lastTimeMs
      const isVague = timeMs === null || timeMs === vagueTimeMs
      const line: Line = { key: keyOf(text, timeMs), text, timeMs: lastTimeMs, isVague }
      if (!isCaughtUp) return takeUp(line)
      // A line that an earlier connection sent before those that it had left out.
      if (!isVague && read.hasBefore(connection, line.key)) return []
      return [accept(line, false)]
    },
    disconnect: () => settle(true),
  }
}

/** The last lines that were read. */
function createReadLines() {
  let lines: ReadLine[] = []
  /** The connection that each was first read on. */
  let known = new Map<number, number>()
  let forgotten = 0
  let forgottenUntilMs = Number.NEGATIVE_INFINITY
  let latestMs = Number.NEGATIVE_INFINITY
  const remember = ({ key, connection }: ReadLine) => {
    if (!known.has(key)) known.set(key, connection)
  }
  const forget = () => {
    const old = lines.slice(0, -maxRemembered)
    for (const { timeMs } of old) forgottenUntilMs = Math.max(forgottenUntilMs, timeMs ?? forgottenUntilMs)
    forgotten += old.length
    lines = lines.slice(-maxRemembered)
    known = new Map()
    for (const line of lines) remember(line)
  }
  return {
    /** @param isLate whether the last line stays the last one */
    add(line: ReadLine, isLate: boolean): void {
      if (isLate) lines.splice(-1, 0, line)
      else lines.push(line)
      latestMs = Math.max(latestMs, line.timeMs ?? latestMs)
      remember(line)
      if (lines.length > 2 * maxRemembered) forget()
    },
    /** Whether a line was read on an earlier connection than this one. */
    hasBefore: (connection: number, key: number): boolean =>
      (known.get(key) ?? Number.POSITIVE_INFINITY) < connection,
    keys: (): number[] => lines.map(({ key }) => key),
    last: (): ReadLine | undefined => lines.at(-1),
    get length() {
      return lines.length
    },
    get forgotten() {
      return forgotten
    },
    get forgottenUntilMs() {
      return forgottenUntilMs
    },
    get latestMs() {
      return latestMs
    },
  }
}

/**
 * A number of 53 bits for a line, so that long lines need no memory: two lanes of FNV-1a with different primes.
 * https://datatracker.ietf.org/doc/html/rfc9923
 */
function keyOf(text: string, timeMs: number | null): number {
  const value = `${timeMs ?? ''} ${text}`
  let high = 0x811c9dc5
  let low = 0x811c9dc5
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at)
    high = imul(high ^ unit, 0x01000193)
    low = imul(low ^ unit, 0x01000197)
  }
  return (high >>> 0) * 2 ** 21 + ((low >>> 0) >>> 11)
}
