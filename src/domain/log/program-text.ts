import { withoutBars } from './progress-bar.ts'

/** More prefixes do not stand before one line. */
const maxPrefixes = 8

/** Longer lines are cut, in characters: what is shown of an error is shorter. */
const maxLength = 2000

/**
 * What launchers put before each line of one of their processes. Text that only looks similar stays: a rank is named or
 * has a colon, a container's name ends with its number.
 *
 * - torch and torchrun: `[rank0]: `, `[default0]:`, `[trainer3|0]:`; accelerate and others: `[0]:`, `rank0: `; srun -l: `0: `; other
 *   launchers: `[0] ` before what is clearly a traceback
 * - pdsh and pssh: `worker-0: ` before what is clearly a traceback
 * - mpirun --tag-output: `[1,0]<stderr>:` https://docs.open-mpi.org/en/main/man-openmpi/man1/mpirun.1.html
 * - Ray: `(RayTrainWorker pid=12, ip=10.0.0.1) `
 * - docker compose: `worker-0  | `; foreman: `train.1 | `; kubectl logs --prefix: `[pod/worker-0/train] `
 */
const processPrefix = new RegExp(
  [
    /^\[(?:[a-z_]{0,30}|[Rr]ank |RANK )\d{1,5}\]: ?/,
    /^\[\d{1,5}\] (?=\s|Traceback |[\w.]{1,100}(?:Error|Exception)\b)/,
    /^\[(?:[Rr]ank|RANK) ?\d{1,5}\] /,
    /^\[\d{1,5},\d{1,5}\](?:<std(?:err|out|diag)>)?: ?/,
    /^[Rr]ank ?\d{1,5}: /,
    /^ {0,4}\d{1,5}: (?=[A-Z\s])/,
    /^\[[\w ]{0,30}\d{1,5}\|\d{1,5}\]: ?/,
    /^[a-z][\w.-]{0,60}\d: (?=\s{2}|Traceback |[\w.]{1,100}(?:Error|Exception)\b)/,
    /^\((?:[A-Z][^()]{0,80}|[^()]{0,80}\bpid=\d[^()]{0,80})\) ?/,
    /^[a-z][\w.-]{0,60}[-_.]\d{1,5} {0,30}\| ?/,
    /^\[pod\/[^[\]]{1,200}\] /,
  ]
    .map(({ source }) => source)
    .join('|'),
)

/**
 * The time of a logger, a container or a system's log, and what separates it from the rest. Kubernetes names the stream
 * behind it, and the scripts of transformers write American dates.
 */
const timePrefix = new RegExp(
  [
    /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?\]?(?: std(?:out|err) [FP] | \| (?=[A-Z]{4,8} *\|)| - |: | (?!\|))/,
    /^\[\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\] /,
    /^\d\d:\d\d:\d\d (?=[a-z][\w.-]{0,60} {0,30}\|)/,
    /^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d(?: [AP]M)? - /,
    /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,100} [\w./-]{1,100}(?:\[\d{1,8}\])?: /,
  ]
    .map(({ source }) => source)
    .join('|'),
)

/** Boxes and bars around a text: of rich, uv and tee, and of Python's groups of exceptions. */
const boxPrefix = / {0,40}(?:[|│┃║] ?|\+ (?=Exception Group Traceback))/y

/** A line that only draws: Python's groups of exceptions number their parts in it. */
const groupLine = /^ {0,40}\+-[-+]{6,80}(?: (?:\d{1,5}|\.{3}) -{6,80})?$/

/** What a program printed in a line of a log. */
export interface ProgramLine {
  /** Without prefixes, box and progress bar. Indentation stays. */
  readonly text: string
  /** The prefixes that name the process; empty where there are none. */
  readonly source: string
  /** Whether the text was in a box or behind a bar. */
  readonly isBoxed: boolean
}

/**
 * Reads a line of a log: takes away the prefixes of launchers and loggers, the box around the text, and the progress bar
 * that had not ended its line. Takes linear time.
 *
 * @param line untrusted
 */
export function programLine(line: string): ProgramLine {
  let text = line.slice(0, maxLength)
  let source = ''
  let isBoxed = groupLine.test(text)
  for (let count = 0; count < maxPrefixes; count += 1) {
    const name = processPrefix.exec(text)?.[0]
    boxPrefix.lastIndex = 0
    const box = name === undefined ? boxPrefix.exec(text)?.[0] : undefined
    const prefix = name ?? box ?? timePrefix.exec(text)?.[0]
    if (prefix === undefined) break
    source += name ?? ''
    text = text.slice(prefix.length)
    isBoxed ||= box !== undefined || groupLine.test(text)
  }
  const shown = withoutBars(text).trimEnd()
  const hasFrame = /[│┃║]$/.test(shown) || (isBoxed && shown.endsWith('  |'))
  return { text: hasFrame ? shown.slice(0, -1).trimEnd() : shown, source, isBoxed }
}
