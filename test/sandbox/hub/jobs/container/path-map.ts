/** Turns paths inside a Job's container into paths on this machine, and back. */
export interface PathMap {
  /** Where the container's `/` is. */
  readonly root: string
  /** The text with every path below a mapped one replaced. */
  toHost(text: string): string
  /** The text as the container would show it. */
  toContainer(text: string): string
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * A Job runs as an ordinary process, so its `/data` cannot be this machine's `/data`. Wherever its command,
 * arguments or environment name a mapped path, it gets the path below the Job's own folder instead. A path counts
 * only as a whole one: `/data` and `/data/train`, but not `/database`, `./data` or `https://host/data`.
 *
 * @param options `root`: the Job's folder; `prefixes`: absolute paths of the container
 * @returns the map
 */
export function createPathMap(options: { root: string; prefixes: readonly string[] }): PathMap {
  const { root } = options
  const prefixes = [...new Set(options.prefixes.map((prefix) => prefix.replace(/(?<=.)\/+$/, '')))]
    .filter((prefix) => prefix !== '/')
    .toSorted((a, b) => b.length - a.length)
  const pattern = new RegExp(`(?<![\\w./-])(?:${prefixes.map(escapeRegExp).join('|')})(?![\\w.-])`, 'g')
  return {
    root,
    toHost: (text) => (prefixes.length === 0 ? text : text.replace(pattern, (path) => `${root}${path}`)),
    toContainer: (text) => text.replaceAll(root, ''),
  }
}
