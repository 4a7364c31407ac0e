type Level = 'INFO' | 'WARNING' | 'ERROR'

const two = (value: number) => String(value).padStart(2, '0')

function stamp(date: Date): string {
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}

/**
 * Prints one line as AutoTrain's logger does, to standard output.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/logging.py
 *
 * @param place `module:function:line`
 */
export function log(level: Level, place: string, message: string): void {
  process.stdout.write(`${level.padEnd(8)} | ${stamp(new Date())} | ${place} - ${message}\n`)
}

/** @returns a logger for one place in AutoTrain's own source */
export const info = (place: string) => (message: string) => log('INFO', place, message)
