import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Repository, RepoType } from '../../git/repositories.ts'
import { resolveRevision } from '../../git/repositories.ts'
import { entryAt, listEntries } from '../../git/trees.ts'
import type { Volume } from '../spec.ts'
import type { BucketMount } from './bucket-mount.ts'
import { mountBucket } from './bucket-mount.ts'

/** A repository's volume: repository and revision are known to be there. */
interface RepositoryMount {
  mountPath: string
  repository: Repository
  /** Full commit sha: later commits do not change what is mounted. */
  revision: string
  /** Folder inside the repository. */
  path: string
}

/** A volume of a Job that was found. */
export type Mount = RepositoryMount | BucketMount

/** @returns whether a Job can write to it: to a bucket, unless it asks for reading only; never to a repository */
export function isWritable(mount: Mount): boolean {
  return 'bucket' in mount && !mount.readOnly
}

/**
 * @param volume a volume of a model or dataset
 * @param find finds a repository that the caller may read; throws the Hub's refusal otherwise
 * @returns the mount, at the commit its revision stands for now; throws 404 when there is none
 */
export function resolveVolume(
  volume: Volume,
  find: (type: RepoType, name: string) => Repository,
): RepositoryMount {
  const repository = find(volume.type === 'model' ? 'model' : 'dataset', volume.source)
  const revision = resolveRevision(repository, volume.revision ?? 'main').sha
  return { mountPath: volume.mountPath, repository, revision, path: volume.path ?? '' }
}

/**
 * Writes a volume's files below a folder. A bucket gets what the Job changed when the Job ends: the real mount writes
 * all the time.
 *
 * @param mount what to write
 * @param root the folder that stands for the container's `/`
 * @returns what brings the changes back
 */
export async function materialise(mount: Mount, root: string): Promise<() => Promise<void>> {
  const target = join(root, mount.mountPath)
  if ('bucket' in mount) return mountBucket(mount, target)
  await writeRevision(mount, target)
  return async () => undefined
}

/** Writes a revision's files, read-only as repositories are always mounted. */
async function writeRevision(mount: RepositoryMount, target: string): Promise<void> {
  const { repository, revision, path } = mount
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
