import picomatch from 'picomatch'

/** Whether a change of this file is worth a run. */
export type PathRule = (path: string) => boolean

/**
 * Makes a rule of `paths` and `paths-ignore`: globs as picomatch reads them, where a leading dot is nothing
 * special; `!` negates, and the last glob that matches wins. `paths-ignore` applies after `paths`.
 * https://github.com/micromatch/picomatch#globbing-features
 *
 * @param options.paths empty: every file
 * @param options.pathsIgnore empty: no file
 */
export function pathRule(options: { paths: readonly string[]; pathsIgnore: readonly string[] }): PathRule {
  const included = lastMatchWins(options.paths, true)
  const ignored = lastMatchWins(options.pathsIgnore, false)
  return (path) => included(path) && !ignored(path)
}

/**
 * @param otherwise what holds without any glob; a list that begins with a negation takes away from everything,
 *   any other adds to nothing
 */
function lastMatchWins(globs: readonly string[], otherwise: boolean): PathRule {
  const matchers = globs.map((glob) => {
    const isNegated = glob.startsWith('!')
    return { isNegated, matches: picomatch(isNegated ? glob.slice(1) : glob, { dot: true, nonegate: true }) }
  })
  const first = matchers[0]
  const initial = first === undefined ? otherwise : otherwise && first.isNegated
  return (path) => {
    const last = matchers.findLast(({ matches }) => matches(path))
    return last === undefined ? initial : !last.isNegated
  }
}
