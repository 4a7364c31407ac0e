import * as z from 'zod/mini'
import { badRequest } from '../errors.ts'
import type { Operation } from '../git/commits.ts'
import { parseJson, parseWith } from './request.ts'

const path = z.string().check(z.minLength(1), z.maxLength(1000))
const encoding = z.optional(z.enum(['utf-8', 'base64']))

const header = z.object({
  summary: z.string().check(z.minLength(1)),
  description: z.optional(z.string()),
  parentCommit: z.optional(z.string().check(z.regex(/^[0-9a-f]{40}$/))),
})

const file = z.union([
  z.object({ path, content: z.string(), encoding, oldPath: z.optional(z.undefined()) }),
  z.object({ path, oldPath: path }),
])

const lfsFile = z.union([
  z.object({
    path,
    oid: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    // Left out by huggingface_hub for files that it copied on the server.
    size: z.optional(z.int().check(z.minimum(0))),
    algo: z.optional(z.literal('sha256')),
    oldPath: z.optional(z.undefined()),
  }),
  z.object({ path, oldPath: path }),
])

const line = z.discriminatedUnion('key', [
  z.object({ key: z.literal('file'), value: file }),
  z.object({ key: z.literal('lfsFile'), value: lfsFile }),
  z.object({ key: z.enum(['deletedFile', 'deletedFolder', 'deletedEntry']), value: z.object({ path }) }),
])

const headerLine = z.object({ key: z.literal('header'), value: header })

/** A commit request, read. */
export interface CommitRequest {
  title: string
  description: string
  parentCommit?: string
  operations: Operation[]
}

function operation(parsed: z.infer<typeof line>): Operation {
  const { key, value } = parsed
  if (key !== 'file' && key !== 'lfsFile') return { key, path: value.path }
  if ('oldPath' in value && value.oldPath !== undefined) {
    return { key: 'copy', path: value.path, oldPath: value.oldPath }
  }
  if (key === 'lfsFile' && 'oid' in value) {
    const { oid, size } = value
    return { key, path: value.path, oid, ...(size !== undefined && { size }) }
  }
  if (key === 'file' && 'content' in value) {
    const content = Uint8Array.from(Buffer.from(value.content, value.encoding ?? 'utf-8'))
    return { key, path: value.path, content }
  }
  throw badRequest('A file needs a content or an oldPath')
}

/**
 * Reads the body of a commit request: one JSON per line, the header first.
 * https://huggingface.co/docs/hub/api describes both the lines and an older single JSON, which is not taken here.
 *
 * @param text the body
 * @returns what to commit; throws the 400 of a line that does not fit
 */
export function parseCommitLines(text: string): CommitRequest {
  const lines = text.split('\n').filter((each) => each.trim() !== '')
  const [first, ...rest] = lines.map(parseJson)
  const { value } = parseWith(headerLine, first)
  return {
    title: value.summary,
    description: value.description ?? '',
    ...(value.parentCommit !== undefined && { parentCommit: value.parentCommit }),
    operations: rest.map((each) => operation(parseWith(line, each))),
  }
}
