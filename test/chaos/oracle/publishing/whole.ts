import type { Commit, Repository } from '../../../sandbox/hub/git/repositories.ts'
import { entryAt, filesBelow } from '../../../sandbox/hub/git/trees.ts'
import type { PaidStart } from '../../provider/books.ts'

/** These two belong to the published model itself. */
const ownFiles: readonly string[] = ['README.md', '.gitattributes']

/** The text of a file at a commit; empty when there is none. */
export function textAt({ blobs, lfs }: Repository, { tree }: Pick<Commit, 'tree'>, path: string): string {
  const entry = entryAt(tree, path)
  if (entry?.type !== 'file') return ''
  const content = entry.lfs === undefined ? blobs.get(entry.oid) : lfs.get(entry.lfs.oid)
  return content === undefined ? '' : new TextDecoder().decode(content)
}

/** The run whose whole model a commit has, or what is wrong with it. */
export type Whole = { readonly run: PaidStart } | { readonly run: null; readonly problem: string }

/**
 * Finds the run whose model a commit has: exactly the files that its training left for people, and nothing else.
 *
 * @param byId finds a start by its id, which each file of its model names
 */
export function wholeModel(
  repository: Repository,
  commit: Commit,
  byId: (id: string) => PaidStart | undefined,
): Whole {
  const none = (problem: string) => ({ run: null, problem })
  const id = /run-\d+/.exec(textAt(repository, commit, 'config.json'))?.[0]
  const run = id === undefined ? undefined : byId(id)
  if (run?.leaves == null) return none('no config.json of a run')
  const paths = [...filesBelow(commit.tree)].filter((path) => !ownFiles.includes(path))
  const { files } = run.leaves
  const wrong = [...new Set([...paths, ...Object.keys(files)])].filter(
    (path) => !paths.includes(path) || textAt(repository, commit, path) !== files[path],
  )
  return wrong.length === 0 ? { run } : none(`${id}, but not with its ${wrong.join(', ')}`)
}
