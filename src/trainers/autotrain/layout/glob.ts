/** What one character of a name may be. */
type Letter = (character: string) => boolean

/** The characters of one part of a path; `*` stands for any number of them. */
type Part = readonly (Letter | '*')[]

/**
 * A glob of a dataset card, as the library reads it: `*`, `?` and `[0-9]` stay within a folder, `**` is any number of
 * folders. The time is bounded by the product of the lengths, whatever the glob.
 * https://huggingface.co/docs/datasets/loading#local-and-remote-files
 *
 * @returns null where it means something else: an address, a hidden folder, braces
 */
export function globMatcher(glob: string): ((path: string) => boolean) | null {
  const words = glob.replace(/^\.\//, '').split('/')
  if (!words.every((word) => isPlain(word))) return null
  const parts = words.map((word) => (word === '**' ? word : readPart(word)))
  return (path) => matchesPath(parts, path.split('/'))
}

function isPlain(word: string): boolean {
  return (
    /^(?:\*\*|[^.:{}()!+@~\\[\]*?][^:{}()!\\]*|[[*?][^:{}()!\\]*)$/.test(word) && !/.\*\*|\*\*./.test(word)
  )
}

function readPart(word: string): Part {
  const part: (Letter | '*')[] = []
  for (let at = 0; at < word.length; at += 1) {
    const character = word.charAt(at)
    const end = character === '[' ? word.indexOf(']', at + 2) : -1
    if (end !== -1) {
      part.push(oneOf(word.slice(at + 1, end)))
      at = end
    } else if (character === '*') {
      part.push('*')
    } else {
      part.push(character === '?' ? () => true : (other) => other === character)
    }
  }
  return part
}

/** The characters of a class such as `0-9`. */
function oneOf(inside: string): Letter {
  const ranges = [...inside.matchAll(/(.)-(.)|(.)/g)].map(([, from = '', to = '', single = '']) =>
    single === '' ? [from, to] : [single, single],
  )
  return (character) => ranges.some(([from = '', to = '']) => character >= from && character <= to)
}

function matchesPath(parts: readonly (Part | '**')[], names: readonly string[]): boolean {
  // Which numbers of names the parts so far may have taken.
  let taken = new Set([0])
  for (const part of parts) {
    const next = new Set<number>()
    for (const count of taken) {
      if (part === '**') for (let more = count; more <= names.length; more += 1) next.add(more)
      else if (count < names.length && matchesName(part, names[count] ?? '')) next.add(count + 1)
    }
    taken = next
  }
  return taken.has(names.length)
}

function matchesName(part: Part, name: string): boolean {
  let [at, from] = [0, 0]
  let star: { at: number; from: number } | null = null
  while (from < name.length) {
    const letter = part[at]
    if (letter === '*') {
      star = { at, from }
      at += 1
    } else if (letter?.(name.charAt(from)) === true) {
      at += 1
      from += 1
    } else if (star === null) {
      return false
    } else {
      star = { at: star.at, from: star.from + 1 }
      at = star.at + 1
      from = star.from
    }
  }
  return part.slice(at).every((letter) => letter === '*')
}
