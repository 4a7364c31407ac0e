import { createHash } from 'node:crypto'

const encoder = new TextEncoder()

/** A tree entry as git hashes it. */
export interface HashedEntry {
  name: string
  isDirectory: boolean
  oid: string
}

/** What a commit's id is made of. */
export interface CommitIdentity {
  treeOid: string
  parents: readonly string[]
  author: { name: string; email: string }
  date: Date
  message: string
}

function gitHash(type: 'blob' | 'tree' | 'commit' | 'tag', content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.byteLength}\0`).update(content).digest('hex')
}

/**
 * @param content the bytes of a file
 * @returns what `git hash-object` says of them (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)
 */
export function blobOid(content: Uint8Array): string {
  return gitHash('blob', content)
}

/**
 * @param entries the entries of one directory, in git's order
 * @returns the id of the tree object
 */
export function treeOid(entries: Iterable<HashedEntry>): string {
  const parts: Uint8Array[] = []
  for (const { name, isDirectory, oid } of entries) {
    parts.push(encoder.encode(`${isDirectory ? '40000' : '100644'} ${name}\0`), Buffer.from(oid, 'hex'))
  }
  return gitHash('tree', Buffer.concat(parts))
}

/**
 * @param commit everything git puts into a commit object
 * @returns the id of the commit object
 */
export function commitOid(commit: CommitIdentity): string {
  const person = `${commit.author.name} <${commit.author.email}> ${Math.floor(commit.date.getTime() / 1000)} +0000`
  const lines = [
    `tree ${commit.treeOid}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${person}`,
    `committer ${person}`,
    '',
    commit.message,
  ]
  return gitHash('commit', encoder.encode(lines.join('\n')))
}

/**
 * @param object sha256 and size of the bytes kept outside git
 * @returns the text git keeps in their place (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)
 */
export function lfsPointer(object: { oid: string; size: number }): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${object.oid}\nsize ${object.size}\n`
}

/**
 * @param oid the sha256 of an LFS object
 * @returns what stands for the hash that Xet gives its bytes: 64 hex digits, the same for the same bytes
 */
export function xetHash(oid: string): string {
  return sha256(encoder.encode(`xet ${oid}`))
}

/**
 * @param content any bytes
 * @returns their sha256 in hex: an LFS object's id
 */
export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
