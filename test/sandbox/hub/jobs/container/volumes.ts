import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Repository, RepoType } from '../../git/repositories.ts'
import { resolveRevision } from '../../git/repositories.ts'
import { entryAt, listEntries } from '../../git/trees.ts'
import type { Volume } from '../spec.ts'

/** A volume whose repository and revision are known to be there. */
export interface Mount {
  mountPath: string
  repository: Repository
  /** Full commit sha: later commits do not change what is mounted. */
  revision: string
  /** Folder inside the repository. */
  path: string
}

/**
 * @param volume a volume of a model or dataset
 * @param find finds a repository that the caller may read; throws the Hub's refusal otherwise
 * @returns the mount, at the commit its revision stands for now; throws 404 when there is none
 */
export function resolveVolume(volume: Volume, find: (type: RepoType, name: string) => Repository): Mount {
  const repository = find(volume.type === 'model' ? 'model' : 'dataset', volume.source)
  const revision = resolveRevision(repository, volume.revision ?? 'main').sha
  return { mountPath: volume.mountPath, repository, revision, path: volume.path ?? '' }
}

/**
 * Writes a revision's files below a folder, read-only as repositories are always mounted.
 *
 * @param mount what to write
 * @param root the folder that stands for the container's `/`
 */
export async function materialise(mount: Mount, root: string): Promise<void> {
  const { repository, revision, path, mountPath } = mount
  const target = join(root, mountPath)
  await mkdir(target, { recursive: true })
  const tree = entryAt(resolveRevision(repository, revision).tree, path)
  if (tree?.type !== 'directory') throw new Error(`There is no folder ${path} at ${revision}.`)
  const folders = [target]
  for (const entry of listEntries(tree, { isRecursive: true })) {
    const file = join(target, entry.path)
    if (entry.type === 'directory') {
      await mkdir(file, { recursive: true })
      folders.push(file)
      continue
    }
    const content =
      entry.lfs === undefined ? repository.blobs.get(entry.oid) : repository.lfs.get(entry.lfs.oid)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content ?? new Uint8Array(), { mode: 0o444 })
  }
  for (const folder of folders.toReversed()) await chmod(folder, 0o555)
}
