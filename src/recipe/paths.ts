import picomatch from 'picomatch'

/** Whether a change of the file at this path should start a run. */
export type PathRule = (path: string) => boolean

/**
 * Makes a rule of `paths` and `paths-ignore`: globs of picomatch, which also match a leading dot. `!` negates, and the
 * last matching glob wins. `paths-ignore` takes precedence over `paths`.
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
    return { isNegated, matches: picomatch(isNegated ? glob.slice(1) : glob, { dot: true, nonegate: true }) }
  })
  const first = matchers[0]
  const initial = first === undefined ? fallback : fallback && first.isNegated
  return (path) => {
    const last = matchers.findLast(({ matches }) => matches(path))
    return last === undefined ? initial : !last.isNegated
  }
}
