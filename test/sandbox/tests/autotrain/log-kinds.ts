/** The lines of a log, by the stream that they came from. */
export interface LogKinds {
  stdout: string[]
  stderr: string[]
}

const UP = '\u001b[A'
const NUMBER = /-?\d+(\.\d+)?(e[+-]?\d+)?[kMG]?/g

/** A line as it would be in any other run: without numbers, times, names of machines and the length of a bar. */
function kindOf(line: string): string {
  return line
    .replace(/tfevents\.\S+\.\d+(?=:|$)/g, 'tfevents')
    .replace(/\|[ █▏▎▍▌▋▊▉]*\|/g, '||')
    .replace(/\[(\d|\?)[^[\]]*\/s\]/g, '[]')
    .replace(/: ?nan/g, ': #')
    .replace(NUMBER, '#')
    .trim()
}

const isStdout = (line: string) =>
  /^(INFO|WARNING|ERROR) +\| |^\{'|^ {4}(features|num_rows): |^\}\)$|^=====/.test(line)

/** What depends on the pictures, on the machine, or on who ran AutoTrain. */
const isLeftOut = (line: string) =>
  /_classification\.py:\d+: UndefinedMetricWarning|_warn_prf|^auto-retrain: /.test(line)

/** Lines of a traceback between its first and its last one. */
const isFrame = (line: string) => /^ +(File |\S.*$)|^ *[\^~]+$/.test(line)

function withoutRepeats(lines: readonly string[]): string[] {
  return lines.filter((line, index) => line !== lines[index - 1])
}

/**
 * @param text a whole log; its bars may end in carriage returns or line feeds
 * @returns the kinds of its lines in their order, each stream for itself, since the order between two pipes is chance;
 * of a traceback only how it ends, of a bar that was drawn again and again only one
 */
export function logKinds(text: string): LogKinds {
  const lines = text
    .replaceAll(UP, '')
    // A warning that is printed while a bar is there stands behind it.
    .replace(/\/s\](?=\/)/g, '/s]\n')
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '' && !isLeftOut(line))
  const stdout: string[] = []
  const stderr: string[] = []
  let isError = false
  for (const line of lines) {
    const isOut = isStdout(line)
    // The report of an exception goes on until the next line of the logger.
    if (isOut) isError = /^ERROR .*Traceback/.test(line)
    if (isOut) stdout.push(kindOf(line))
    else if (!isFrame(line) || /^\s+\d+%\|/.test(line) || line.startsWith('\t') || /check_for/.test(line)) {
      if (isError && !/\[.*\/s\]$/.test(line)) stdout.push(kindOf(line))
      else stderr.push(kindOf(line))
    }
  }
  return { stdout, stderr: withoutRepeats(stderr) }
}

/**
 * @param text a log whose streams went through one pipe
 * @returns the kinds of its lines in their order, with bars that were drawn again and again taken once
 */
export function mergedKinds(text: string): string[] {
  const lines = text
    .replaceAll(UP, '')
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '' && !isLeftOut(line))
  return withoutRepeats(lines.map(kindOf))
}
