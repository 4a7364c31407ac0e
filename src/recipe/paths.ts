import picomatch from 'picomatch'

/** Whether a change of the file at this path should start a run. */
export type PathRule = (path: string) => boolean

/**
 * Makes a rule of `paths` and `paths-ignore`: globs of picomatch, which also match a leading dot. A glob that ends with a
 * plain name matches that file, and every file of the folder of that name. `!` negates, and the last matching glob wins.
 * `paths-ignore` takes precedence over `paths`. Accents match however they are stored: macOS decomposes them in file
 * names (NFD), and keyboards compose them (NFC).
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
  const matchers = globs.map((glob) => ({ isNegated: glob.startsWith('!'), matches: composedRule(glob) }))
  const first = matchers[0]
  const initial = first === undefined ? fallback : fallback && first.isNegated
  return (path) => {
    const composed = path.normalize('NFC')
    const last = matchers.findLast(({ matches }) => matches(composed))
    return last === undefined ? initial : !last.isNegated
  }
}

/** Whether one glob names a file, whether or not it is negated. */
export function globRule(glob: string): PathRule {
  const matches = composedRule(glob)
  return (path) => matches(path.normalize('NFC'))
}

/** For paths whose accents are composed. */
function composedRule(glob: string): PathRule {
  const positive = glob.replace(/^!/, '').normalize('NFC')
  const matchers = [positive, ...folderForms(positive)].map(matcherOf)
  return (path) => matchers.some((matches) => matches(path))
}

/** The glob of every file in a folder, where a glob may name one: `docs/` and `docs` do, `*.md` does not. */
function folderForms(glob: string): string[] {
  if (glob.endsWith('/')) return [`${glob}**`]
  return /(?:^|\/)[^/*?[\]{}()|]+$/.test(glob) ? [`${glob}/**`] : []
}

/**
 * What a glob means, as a text that is another one where the meaning is: it was once the glob alone, and a folder's name
 * alone then meant no file of the folder. A name with a dot is nearly always a file's, for which nothing changed.
 */
export function globMeaning(glob: string): string {
  const name = glob.slice(glob.lastIndexOf('/') + 1)
  return name.includes('.') ? glob : [glob, ...folderForms(glob)].join('\n')
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
