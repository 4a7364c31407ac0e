/** One `name: value` of a dictionary. */
interface Entry {
  /** Nested dictionaries are flattened: `{'eval': {'loss': 1}}` has `eval_loss`. */
  readonly name: string
  /** The value as it stands there, without quotes around a text. */
  readonly text: string
  /** Whether the line ends before the value surely does. */
  readonly isCut: boolean
}

/** One reading of the dictionary in a line. */
export interface Dictionary {
  readonly entries: readonly Entry[]
  /** Whether the line ends before the dictionary does: it may have had more entries. */
  readonly isCut: boolean
}

/** Where in a line a dictionary may begin. More candidates are not tried: each costs the rest of the line. */
const beginning = /\{\s*["']/g
const maxCandidates = 20

const maxDepth = 8
const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** With one stream for both outputs, a progress bar may follow on the same line. */
const progressBar = /^\s*\d{1,3}%\|/

/**
 * Reads the dictionary at the end of a log line, as Python or JSON writes it, with any text before it. The line may be
 * cut off inside of it. Where it is not clear which brace begins it, there are several readings.
 *
 * @returns each reading, the longest first
 */
export function readDictionaries(line: string): readonly Dictionary[] {
  const starts = Array.from(line.matchAll(beginning), ({ index }) => index)
  return starts.slice(0, maxCandidates).flatMap((start) => {
    const reader = new Reader(line, start)
    const isWhole = reader.dictionary('', 0)
    const rest = line.slice(reader.at)
    const isLast = isWhole === true && (rest.trim() === '' || progressBar.test(rest))
    return isLast || isWhole === null ? [{ entries: reader.entries, isCut: isWhole === null }] : []
  })
}

/**
 * Reads a text that is one dictionary and nothing else, as Python or JSON writes it, over any number of lines.
 *
 * @returns null when it is something else, or cut off
 */
export function readWholeDictionary(text: string): readonly Entry[] | null {
  const trimmed = text.trim()
  if (!trimmed.startsWith('{')) return null
  const reader = new Reader(trimmed, 0)
  return reader.dictionary('', 0) === true && reader.at === trimmed.length ? reader.entries : null
}

/** Goes through a line once, from the left to the right. */
class Reader {
  readonly entries: Entry[] = []
  at: number
  private readonly line: string

  constructor(line: string, at: number) {
    this.line = line
    this.at = at
  }

  /** True: read to its end; false: it is no dictionary; null: the line ends before it does. */
  dictionary(prefix: string, depth: number): boolean | null {
    this.at += 1
    for (;;) {
      this.space()
      if (this.here === '}') {
        this.at += 1
        return true
      }
      const key = this.key()
      if (typeof key !== 'string') return key
      const name = `${prefix}${key}`
      const read = this.value(name, depth)
      if (read !== true) return read
      this.space()
      if (this.here === ',') this.at += 1
      else if (this.here === '') return null
      else if (this.here !== '}') return false
    }
  }

  private get here(): string {
    return this.line.charAt(this.at)
  }

  private space(): void {
    while (this.here !== '' && this.here.trim() === '') this.at += 1
  }

  /** Null: the line ends; false: there is none. */
  private key(): string | false | null {
    if (this.here === '') return null
    const isQuoted = this.here === '"' || this.here === "'"
    const key = isQuoted ? this.quoted() : this.bareKey()
    if (key === null) return null
    this.space()
    if (this.here === '') return null
    if (this.here !== ':' || (key === '' && !isQuoted)) return false
    this.at += 1
    return key
  }

  /** A number as a key, such as a class in a nested dictionary. */
  private bareKey(): string {
    const start = this.at
    while (/[\w.+-]/.test(this.here)) this.at += 1
    return this.line.slice(start, this.at)
  }

  private value(name: string, depth: number): boolean | null {
    this.space()
    if (this.here === '{' && depth < maxDepth) return this.dictionary(`${name}_`, depth + 1)
    const start = this.at
    const isQuoted = this.here === '"' || this.here === "'"
    const text = isQuoted ? this.quoted() : this.bare()
    const isCut = text === null || (!isQuoted && this.here === '')
    this.entries.push({ name, text: text ?? this.line.slice(start), isCut })
    return isCut ? null : true
  }

  /** A quoted text; null when the line ends inside of it. */
  private quoted(): string | null {
    const quote = this.here
    let text = ''
    this.at += 1
    for (let start = this.at; this.here !== ''; this.at += 1) {
      if (this.here === quote) {
        text += this.line.slice(start, this.at)
        this.at += 1
        return text
      }
      if (this.here !== '\\') continue
      text += this.line.slice(start, this.at) + this.escaped()
      start = this.at + 1
    }
    return null
  }

  /** The letter that an escape stands for: JSON writes `\u00e9` for é. Stops at the last character of the escape. */
  private escaped(): string {
    const code = /^\\(?:u([\da-f]{4})|x([\da-f]{2}))/i.exec(this.line.slice(this.at, this.at + 6))
    if (code === null) {
      this.at += 1
      return this.here
    }
    this.at += code[0].length - 1
    return String.fromCharCode(Number.parseInt(code[1] ?? code[2] ?? '', 16))
  }

  /** Whatever stands up to the next comma or brace outside of brackets and quotes. TensorFlow prints `<tf.Tensor: ...>`. */
  private bare(): string | null {
    const start = this.at
    const open: string[] = this.here === '<' ? ['>'] : []
    while (this.here !== '') {
      if (open.length === 0 && (this.here === ',' || this.here === '}')) break
      if (this.here === '"' || this.here === "'") {
        if (this.quoted() === null) return null
        continue
      }
      const end = closing[this.here]
      if (end !== undefined) open.push(end)
      else if (this.here === open.at(-1)) open.pop()
      this.at += 1
    }
    return this.line.slice(start, this.at).trim()
  }
}
