import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Bucket, Buckets } from '../../buckets/buckets.ts'
import { filesBelow } from '../../buckets/buckets.ts'
import { sha256, xetHash } from '../../git/git-objects.ts'

/** A bucket, or a folder of one, in a Job. */
export interface BucketMount {
  mountPath: string
  bucket: Bucket
  /** Folder inside the bucket; empty for all of it. */
  path: string
  readOnly: boolean
  /** Where what the Job wrote is kept. */
  buckets: Buckets
}

/**
 * Writes the bucket's files below a folder.
 *
 * @param target the folder that stands for the mount
 * @returns what brings back what the Job changed there, for a mount that may be written
 */
export async function mountBucket(mount: BucketMount, target: string): Promise<() => Promise<void>> {
  const { bucket, path, readOnly, buckets } = mount
  const before = new Map<string, Uint8Array>()
  const start = path === '' ? 0 : path.length + 1
  const files = filesBelow(bucket, path)
  if (files.length === 0 && path !== '') throw new Error(`There is no folder ${path} in the bucket.`)
  await mkdir(target, { recursive: true })
  for (const [name, { content }] of files) {
    const file = join(target, name.slice(start))
    before.set(name.slice(start), content)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content, { mode: readOnly ? 0o444 : 0o644 })
  }
  if (readOnly) {
    for (const folder of await foldersBelow(target)) await chmod(folder, 0o555)
    return async () => undefined
  }
  return async () => {
    const after = await contentsBelow(target)
    const nameOf = (name: string) => (path === '' ? name : `${path}/${name}`)
    for (const [name, content] of after) {
      const old = before.get(name)
      if (old !== undefined && Buffer.compare(old, content) === 0) continue
      buckets.write(bucket, nameOf(name), { xetHash: xetHash(sha256(content)), content })
    }
    for (const name of before.keys()) if (!after.has(name)) buckets.remove(bucket, nameOf(name))
  }
}

/** Deepest first, so that each can still be entered when its turn comes. */
async function foldersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const inner = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
  return [...inner.toSorted((a, b) => b.length - a.length), folder]
}

async function contentsBelow(folder: string): Promise<Map<string, Uint8Array>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = await Promise.all(
    files.map(async (file) => [file.slice(folder.length + 1), new Uint8Array(await readFile(file))] as const),
  )
  return new Map(contents)
}
