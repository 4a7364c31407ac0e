import * as z from 'zod/mini'
import { badRequest } from '../errors.ts'
import type { Hub } from '../hub.ts'
import { parseJson, parseWith } from '../routes/request.ts'
import type { Bucket } from './buckets.ts'

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/))
const path = z.string().check(z.minLength(1), z.maxLength(1000))

const lineSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('addFile'),
    path,
    xetHash: hash,
    mtime: z.optional(z.number()),
    contentType: z.optional(z.string()),
  }),
  z.object({
    type: z.literal('copyFile'),
    path,
    xetHash: hash,
    sourceRepoType: z.enum(['model', 'dataset', 'space', 'bucket']),
    sourceRepoId: z.string(),
  }),
  z.object({ type: z.literal('deleteFile'), path }),
])

type Line = z.infer<typeof lineSchema>

/** What became of a batch. */
interface BatchResult {
  success: boolean
  processed: number
  succeeded: number
  failed: { path: string; error: string }[]
}

/** A path of a bucket is the path of a file: no folder, and nothing that leads out of it. */
const isPath = (text: string) => text.split('/').every((part) => !['', '.', '..'].includes(part))

function failure(hub: Hub, bucket: Bucket, line: Line): string | undefined {
  if (!isPath(line.path)) return 'Invalid path'
  if (line.type === 'copyFile') return 'The sandbox Hub copies nothing into buckets'
  if (line.type === 'deleteFile') {
    if (!bucket.files.has(line.path)) return 'File not found'
    hub.buckets.remove(bucket, line.path)
    return undefined
  }
  const content = bucket.known.get(line.xetHash)
  if (content === undefined) return 'The content was not uploaded'
  const { xetHash, mtime } = line
  hub.buckets.write(bucket, line.path, { xetHash, content, ...(mtime !== undefined && { mtime }) })
  return undefined
}

/**
 * Adds and deletes files. One that fails does not stop the others.
 *
 * @param text one operation as JSON in each line, adds before deletes
 * @returns what became of it; throws the 400 of a batch that cannot be read
 */
export function applyBatch(hub: Hub, bucket: Bucket, text: string): BatchResult {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseWith(lineSchema, parseJson(line)))
  const deletes = lines.findIndex(({ type }) => type === 'deleteFile')
  if (deletes >= 0 && lines.slice(deletes).some(({ type }) => type !== 'deleteFile')) {
    throw badRequest('Files must be added and copied before files are deleted')
  }
  const failed = lines.flatMap((line) => {
    const error = failure(hub, bucket, line)
    return error === undefined ? [] : [{ path: line.path, error }]
  })
  const counts = { processed: lines.length, succeeded: lines.length - failed.length }
  return { success: failed.length === 0, ...counts, failed }
}
