import picomatch from 'picomatch'

/** Whether a change of the file at this path should start a run. */
export type PathRule = (path: string) => boolean

/**
 * Makes a rule of `paths` and `paths-ignore`: globs of picomatch, which also match a leading dot. `!` negates, and the
 * last matching glob wins. `paths-ignore` takes precedence over `paths`. Accents match however they are stored: macOS
 * decomposes them in file names (NFD), and keyboards compose them (NFC).
 * https://github.com/micromatch/picomatch#globbing-features
 *
 * @param options.paths empty for all files
 * @param options.pathsIgnore empty for no file
 */
export function pathRule(options: { paths: readonly string[]; pathsIgnore: readonly string[] }): PathRule {
  const included = lastMatchWins(options.paths, true)
  const ignored = lastMatchWins(options.pathsIgnore, false)
  return (path) => included(path) && !ignored(path)
}

/**
 * @param fallback the result without globs. A list that begins with a negation excludes from all files, any other list
 *   includes only what it names
 */
function lastMatchWins(globs: readonly string[], fallback: boolean): PathRule {
  const matchers = globs.map((glob) => {
    const isNegated = glob.startsWith('!')
    return { isNegated, matches: matcherOf((isNegated ? glob.slice(1) : glob).normalize('NFC')) }
  })
  const first = matchers[0]
  const initial = first === undefined ? fallback : fallback && first.isNegated
  return (path) => {
    const composed = path.normalize('NFC')
    const last = matchers.findLast(({ matches }) => matches(composed))
    return last === undefined ? initial : !last.isNegated
  }
}

/** With Unicode a `?` is a whole emoji; picomatch escapes some characters in a way that only works without. */
function matcherOf(glob: string): PathRule {
  const options = { dot: true, nonegate: true }
  try {
    return picomatch(glob, { ...options, flags: 'u', debug: true })
  } catch {
    return picomatch(glob, options)
  }
}
