import type { Account } from '../accounts/accounts.ts'
import { HubRefusal } from '../errors.ts'

/** One file of a bucket. */
interface BucketFile {
  xetHash: string
  content: Uint8Array
  /** As the client gave it, in milliseconds since the epoch. */
  mtime?: number
  uploadedAt: Date
}

/** Files without a history, as https://huggingface.co/docs/hub/storage-buckets has them. */
export interface Bucket {
  id: string
  type: 'bucket'
  name: string
  owner: Account
  private: boolean
  createdAt: Date
  updatedAt: Date
  files: Map<string, BucketFile>
  /** What Xet brought, by its hash: nothing is a file before a batch names it. */
  known: Map<string, Uint8Array>
}

/** All buckets, by name. */
export interface Buckets {
  create(options: { name: string; owner: Account; private: boolean }): Bucket
  find(name: string): Bucket | undefined
  delete(bucket: Bucket): void
  /** Writes a file, in place of one that is there. */
  write(bucket: Bucket, path: string, file: Omit<BucketFile, 'uploadedAt'>): void
  remove(bucket: Bucket, path: string): void
}

/**
 * @param options where ids and times come from
 * @returns no buckets yet
 */
export function createBuckets(options: { newId: () => string; now: () => Date }): Buckets {
  const byName = new Map<string, Bucket>()
  const { newId, now } = options
  return {
    find: (name) => byName.get(name),
    create({ name, owner, private: isPrivate }) {
      if ([...byName.keys()].some((taken) => taken.toLowerCase() === name.toLowerCase())) {
        throw new HubRefusal(409, 'You already created this bucket')
      }
      const times = { createdAt: now(), updatedAt: now() }
      const content = { files: new Map(), known: new Map() }
      const bucket: Bucket = {
        id: newId(),
        type: 'bucket',
        name,
        owner,
        private: isPrivate,
        ...times,
        ...content,
      }
      byName.set(name, bucket)
      return bucket
    },
    delete: ({ name }) => byName.delete(name),
    write(bucket, path, file) {
      bucket.files.set(path, { ...file, uploadedAt: now() })
      bucket.updatedAt = now()
    },
    remove(bucket, path) {
      bucket.files.delete(path)
      bucket.updatedAt = now()
    },
  }
}

/**
 * @param folder a path without a slash at its end; empty for all of the bucket
 * @returns the files below it, sorted by path
 */
export function filesBelow(bucket: Bucket, folder: string): [string, BucketFile][] {
  return [...bucket.files]
    .filter(([path]) => folder === '' || path.startsWith(`${folder}/`))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}
