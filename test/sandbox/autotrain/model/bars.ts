/** Rows that a bar is moved down from the first, so that bars do not overwrite each other. */
type Row = 0 | 1 | 2

const UP = '\u001b[A'
const PARTS = ' ▏▎▍▌▋▊▉'

function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
  return whole < 3600 ? rest : `${Math.floor(whole / 3600)}:${rest}`
}

function speedOf(rate: number, unit: string): string {
  if (rate === 0) return `?${unit}/s`
  return rate < 1
    ? `${(1 / rate).toFixed(2).padStart(5)}s/${unit}`
    : `${rate.toFixed(2).padStart(5)}${unit}/s`
}

/** Three digits and a letter: `906`, `5.07k`, `225k`. */
function scaled(value: number): string {
  let rest = value
  for (const letter of ['', 'k', 'M', 'G']) {
    if (rest < 999.5) {
      const digits = rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0
      return letter === '' ? String(Math.round(rest)) : `${rest.toFixed(digits)}${letter}`
    }
    rest /= 1000
  }
  return `${rest.toFixed(1)}T`
}

/**
 * One state of a bar, as tqdm draws it: https://tqdm.github.io
 *
 * @param options `done` of `total` after so many seconds; `unit` is `it`, `files`, `B`, ...
 */
export function drawBar(options: {
  done: number
  total: number
  seconds: number
  unit?: string
  label?: string
  /** Sizes with a letter. @default false */
  isScaled?: boolean
}): string {
  const { done, total, seconds, unit = 'it', label, isScaled = false } = options
  const share = total === 0 ? 0 : done / total
  const eighths = Math.floor(share * 80)
  const full = Math.floor(eighths / 8)
  const bar = `${'█'.repeat(full)}${full < 10 ? PARTS[eighths % 8] : ''}`.padEnd(10)
  const rate = done === 0 ? 0 : done / Math.max(seconds, 0.001)
  const left = rate === 0 ? '?' : clock((total - done) / rate)
  const count = isScaled ? `${done === 0 ? '0.00' : scaled(done)}/${scaled(total)}` : `${done}/${total}`
  const speed = isScaled && rate > 0 ? `${scaled(rate)}${unit}/s` : speedOf(rate, unit)
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`
  const before = label === undefined ? '' : `${label}: `
  return `${before}${percent}|${bar}| ${count} [${clock(seconds)}<${left}, ${speed}]`
}

/** Bars on standard error, one below the other, around what is printed to standard output. */
export interface Bars {
  /** Sets what a bar shows, and draws it in its row unless it is too soon for that. */
  show(row: Row, text: string, options?: { isDrawn: boolean }): void
  /** Takes a bar away; `left` is what stays of it, on a line of its own. */
  end(row: Row, options?: { left: string }): void
  /** Prints, and draws all bars again: what is printed must not stand behind one. */
  around(print: () => void): void
}

/**
 * @param write where the bars are drawn
 * @returns no bars yet
 */
export function createBars(write: (text: string) => void): Bars {
  const shown = new Map<Row, string>()
  // Down to the row, and up again without going back to the first column.
  const inRow = (row: Row, text: string) => write(`${'\n'.repeat(row)}${text}${UP.repeat(row)}`)
  return {
    show(row, text, { isDrawn } = { isDrawn: true }) {
      shown.set(row, text)
      if (isDrawn) inRow(row, `\r${text}`)
    },
    end(row, options) {
      const text = shown.get(row) ?? ''
      shown.delete(row)
      if (options !== undefined) write(`\r${options.left}\n`)
      // Without going back to the first column: what is printed next stands behind the blanks.
      else inRow(row, `\r${' '.repeat(text.length)}`)
    },
    around(print) {
      for (const [row, text] of shown) inRow(row, `\r${' '.repeat(text.length)}\r`)
      print()
      for (const [row, text] of shown) inRow(row, `\r${text}`)
    },
  }
}
