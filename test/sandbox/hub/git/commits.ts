import { badRequest, entryNotFound, type HubRefusal } from '../errors.ts'
import { defaultGitAttributes, lfsLineForPath, lfsRule } from './git-attributes.ts'
import { blobOid, lfsPointer, sha256 } from './git-objects.ts'
import type { Repository } from './repositories.ts'
import type { Changes, Directory, FileEntry } from './trees.ts'
import { applyChanges, emptyTree, entryAt, filesBelow } from './trees.ts'

/** One line of a commit request, decoded. */
export type Operation =
  | { key: 'file'; path: string; content: Uint8Array }
  | { key: 'lfsFile'; path: string; oid: string; size?: number }
  | { key: 'copy'; path: string; oldPath: string }
  | { key: 'deletedFile' | 'deletedFolder' | 'deletedEntry'; path: string }

/** Above this a file must be in LFS (https://huggingface.co/docs/hub/repositories-getting-started). */
export const REGULAR_FILE_LIMIT = 10 * 1024 * 1024

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** @returns whether git would call the content binary: a NUL among the first bytes */
export function isBinary(content: Uint8Array): boolean {
  return content.subarray(0, 8000).includes(0)
}

function checkPath(path: string): void {
  const parts = path.split('/')
  const isBad = parts.some((part) => part === '' || part === '.' || part === '..' || part === '.git')
  if (isBad || path.includes('\0')) throw badRequest(`Invalid path: ${path}`)
}

/**
 * @param content bytes kept in git itself
 * @returns the entry of the tree; the content is kept
 */
function storeBlob(repository: Repository, content: Uint8Array): FileEntry {
  const oid = blobOid(content)
  repository.blobs.set(oid, content)
  return { type: 'file', oid, size: content.byteLength }
}

/** @returns the entry of an LFS file, whose own id is the pointer's */
function lfsEntry(repository: Repository, object: { oid: string; size: number }): FileEntry {
  const pointer = encoder.encode(lfsPointer(object))
  const { oid } = storeBlob(repository, pointer)
  return { type: 'file', oid, size: object.size, lfs: { ...object, pointerSize: pointer.byteLength } }
}

function rejectedPush(reason: string, paths: readonly string[]): HubRefusal {
  return badRequest(
    `Your push was rejected because ${reason}\nOffending files:\n${paths.map((p) => `  - ${p}`).join('\n')}`,
  )
}

function checkOperations(repository: Repository, operations: readonly Operation[]): void {
  for (const { path } of operations) checkPath(path.replace(/\/$/, ''))
  const files = operations.filter((operation) => operation.key === 'file')
  const large = files.filter(({ content }) => content.byteLength > REGULAR_FILE_LIMIT)
  if (large.length > 0) {
    const paths = large.map(({ path }) => path)
    throw rejectedPush(
      'it contains files larger than 10 MiB. Please use LFS or Xet to store large files.',
      paths,
    )
  }
  const binary = files.filter(({ content }) => isBinary(content))
  if (binary.length > 0) {
    const paths = binary.map(({ path }) => path)
    const reason =
      'it contains binary files. Please use https://huggingface.co/docs/hub/xet to store binary files.'
    throw rejectedPush(reason, paths)
  }
  const missing = operations
    .filter((operation) => operation.key === 'lfsFile')
    .filter(({ oid, size }) => {
      const known = repository.lfs.get(oid)?.byteLength
      return known === undefined || known !== (size ?? known)
    })
  if (missing.length > 0) {
    const paths = missing.map(({ path }) => path)
    throw rejectedPush('an LFS pointer pointed to a file that does not exist.', paths)
  }
}

function deletions(tree: Directory, operation: { key: string; path: string }): string[] {
  const path = operation.path.replace(/\/$/, '')
  const entry = entryAt(tree, path)
  if (entry?.type === 'file' && operation.key !== 'deletedFolder') return [path]
  if (entry?.type === 'directory' && operation.key !== 'deletedFile') {
    return [...filesBelow(entry)].map((inner) => `${path}/${inner}`)
  }
  throw entryNotFound(`A file with this name doesn't exist: ${operation.path}`)
}

function checkNoCollision(tree: Directory, changes: Changes): void {
  for (const [path, change] of changes) {
    if (change === null) continue
    const parents = path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'))
    const isBelowFile = parents.slice(1).some((parent) => {
      const staying = changes.get(parent)
      return staying === undefined ? entryAt(tree, parent)?.type === 'file' : staying !== null
    })
    const current = entryAt(tree, path)
    const isOverDirectory =
      current?.type === 'directory' &&
      [...filesBelow(current)].some((inner) => changes.get(`${path}/${inner}`) !== null)
    if (isBelowFile || isOverDirectory)
      throw badRequest(`A file or directory with this name already exists: ${path}`)
  }
}

/** @returns the text of a revision's `.gitattributes`; empty when there is none */
export function gitAttributesOf(repository: Repository, tree: Directory): string {
  const entry = entryAt(tree, '.gitattributes')
  const content = entry?.type === 'file' ? repository.blobs.get(entry.oid) : undefined
  return content === undefined ? '' : decoder.decode(content)
}

/**
 * Carries out the lines of a commit request. LFS files that no pattern covers are added to `.gitattributes`, as the
 * Hub does by itself (types/api/api-commit.ts of @huggingface/hub says so).
 *
 * @param tree the parent's tree
 * @param operations what to do
 * @returns the new tree; throws the 400 of a rejected push
 */
export function applyOperations(
  repository: Repository,
  tree: Directory,
  operations: readonly Operation[],
): Directory {
  checkOperations(repository, operations)
  const changes = new Map<string, FileEntry | null>()
  for (const operation of operations) {
    if (operation.key === 'file') {
      changes.set(operation.path, storeBlob(repository, operation.content))
    } else if (operation.key === 'lfsFile') {
      const { oid } = operation
      const size = repository.lfs.get(oid)?.byteLength ?? 0
      changes.set(operation.path, lfsEntry(repository, { oid, size }))
    } else if (operation.key === 'copy') {
      const entry = entryAt(tree, operation.oldPath)
      if (entry?.type !== 'file')
        throw badRequest(`A file with this name doesn't exist: ${operation.oldPath}`)
      changes.set(operation.oldPath, null)
      changes.set(operation.path, entry)
    } else {
      for (const path of deletions(tree, operation)) changes.set(path, null)
    }
  }
  checkNoCollision(tree, changes)
  const next = applyChanges(tree, changes)
  const attributes = gitAttributesOf(repository, next)
  const isLfs = lfsRule(attributes)
  const uncovered = operations.filter(({ key, path }) => key === 'lfsFile' && !isLfs(path))
  if (uncovered.length === 0) return next
  const text = [
    attributes.replace(/(?<=[^\n])$/, '\n'),
    ...uncovered.map(({ path }) => lfsLineForPath(path)),
  ].join('')
  return applyChanges(next, new Map([['.gitattributes', storeBlob(repository, encoder.encode(text))]]))
}

/** Contents by path; text is UTF-8. */
export type Files = Readonly<Record<string, string | Uint8Array>>

/**
 * @param files contents by path
 * @param attributes text of the `.gitattributes` that decides what is LFS
 * @returns the operations a client would send after its uploads; LFS contents are kept already
 */
export function fileOperations(repository: Repository, files: Files, attributes: string): Operation[] {
  const isLfs = lfsRule(attributes)
  return Object.entries(files).map(([path, value]) => {
    const content = typeof value === 'string' ? encoder.encode(value) : value
    if (!isLfs(path) && !isBinary(content) && content.byteLength <= REGULAR_FILE_LIMIT) {
      return { key: 'file', path, content }
    }
    const oid = sha256(content)
    repository.lfs.set(oid, content)
    return { key: 'lfsFile', path, oid, size: content.byteLength }
  })
}

/** @returns the tree of a new repository: nothing but the default `.gitattributes` */
export function initialTree(repository: Repository): Directory {
  const entry = storeBlob(repository, encoder.encode(defaultGitAttributes(repository.type)))
  return applyChanges(emptyTree, new Map([['.gitattributes', entry]]))
}
