import { formatBytes } from '../domain/text/format.ts'
import { HttpError } from '../http/errors.ts'
import type { Hub } from '../hub/hub.ts'
import { readModelFile } from '../hub/models/files.ts'
import { readModelBytes } from '../hub/models/publish/file-bytes.ts'
import { type CommitLine, MovedOn } from '../hub/models/publish/raw-commit.ts'
import { listModelVersion, type ModelVersionFile } from '../hub/models/publish/version.ts'
import { moveLargeFiles } from './large-files.ts'
import { isPublished, modelTree, treeDigest } from './published-files.ts'
import { CannotPublish, explained } from './refusals.ts'
import { createPublishedModel } from './repository.ts'
import { sendCommit } from './send-commit.ts'

/** The Hub keeps a larger file in LFS. https://huggingface.co/docs/hub/repositories-getting-started */
const maxSmallFileBytes = 10 * 1024 * 1024

/** Small files travel inside the commit, and are in memory together. */
const maxSmallBytes = 50 * 1024 * 1024

/** What to publish, and where. */
export interface PublishOrder {
  /** The run's model, and the commit whose files are published. */
  readonly from: { readonly model: string; readonly commit: string }
  /** The stable model, `namespace/name`, as it is called today. */
  readonly to: string
  /** The head of its main branch that was judged; null: there is no such model, and it is made, private. */
  readonly parent: string | null
  /** The first line of the commit's message. No other commit of the model has it: by it a lost answer is found. */
  readonly title: string
  readonly description: string
  /** Whether the training's code is published too. */
  readonly includesCode: boolean
  /** The new card, from the published one and the run's. Both are from outside, and empty without one. */
  readonly card: (texts: { readonly published: string; readonly run: string }) => string
  /** Called right before each try of the commit. What it throws gives the publication up. */
  readonly beforeCommit?: () => Promise<void>
}

/** What is published now. */
export interface Published {
  /** The newest commit: ours, or the parent where nothing had to change. */
  readonly commit: string
  /** {@link treeDigest} of its files. */
  readonly tree: string
  /** Whether a commit was made. */
  readonly isNew: boolean
  /** Bytes that went through this machine because the Hub did not copy them. */
  readonly streamedBytes: number
  readonly copiedBytes: number
}

/**
 * Makes the files of a run's model those of the stable model, in one commit: nothing of it is visible before, and all of
 * it after. Where the files are the same already, the card aside, nothing happens. May be repeated after every failure.
 *
 * @param options.log receives a line about what takes time
 * @throws CannotPublish when another try would end the same way; MovedOn when the stable model has another head than
 *   `parent`; what `beforeCommit` throws; HttpError, NoAnswerError or Error when the Hub fails
 */
export async function publishModel(
  hub: Hub,
  order: PublishOrder,
  options: { signal?: AbortSignal | undefined; log: (line: string) => void },
): Promise<Published> {
  const { from, to, includesCode } = order
  const { signal } = options
  const reading = { what: 'read', model: from.model } as const
  const writing = { what: 'write', model: to } as const
  const all = await explained(hub, reading, () =>
    listModelVersion(hub, { model: from.model, revision: from.commit, signal }),
  )
  const wanted = all.filter(({ path }) => isPublished(path, { includesCode }))
  assertPublishable(wanted)
  const parent = order.parent ?? (await createPublishedModel(hub, { model: to, signal }))
  const there = await explained(hub, writing, () => listParent(hub, { model: to, revision: parent, signal }))
  const tree = treeDigest(wanted)
  if (tree === treeDigest(there)) {
    return { commit: parent, tree, isNew: false, streamedBytes: 0, copiedBytes: 0 }
  }
  const { large, small, gone } = compare(wanted, there)
  const known = new Set(there.map(({ content }) => content))
  const missing = large.filter(({ content }) => !known.has(content))
  const moved = await explained(
    hub,
    ({ address }) => (address.includes('/resolve/') ? reading : writing),
    () => moveLargeFiles(hub, { ...options, from, to, files: missing }),
  )
  const lines = [
    ...large.map(lfsLine),
    ...(await explained(hub, reading, () => fileLines(hub, { from, files: small, signal }))),
    ...gone.map(({ path }): CommitLine => ({ key: 'deletedFile', value: { path } })),
    ...(await cardLine(hub, { order, parent, hasCard: hasCard(there), runHasCard: hasCard(all), signal })),
  ]
  const { title, description, beforeCommit = async () => {} } = order
  const commit = await explained(hub, writing, () =>
    sendCommit(hub, { model: to, title, description, parent, lines, beforeCommit, signal }),
  )
  const made = await listModelVersion(hub, { model: to, revision: commit, signal })
  if (treeDigest(made) !== tree) {
    throw new Error(`The commit ${commit} of ${to} does not have the files of the run.`)
  }
  return { commit, tree, isNew: true, ...moved }
}

async function listParent(
  hub: Hub,
  options: { model: string; revision: string; signal?: AbortSignal | undefined },
): Promise<readonly ModelVersionFile[]> {
  try {
    return await listModelVersion(hub, options)
  } catch (error) {
    if (!(error instanceof HttpError) || error.code !== 'RevisionNotFound') throw error
    throw new MovedOn(`The history of ${options.model} was rewritten in between.`, { cause: error })
  }
}

/** What can be known before anything is asked or made. */
function assertPublishable(wanted: readonly ModelVersionFile[]): void {
  if (wanted.length === 0) throw new CannotPublish("The run's model has no file that can be published.")
  const small = wanted.filter(({ isLfs }) => !isLfs)
  const tooLarge = small.find(({ bytes }) => bytes > maxSmallFileBytes)
  if (tooLarge !== undefined) {
    throw new CannotPublish(
      `A file of the run's model has ${formatBytes(tooLarge.bytes)} and is not in LFS: the Hub takes at most ${formatBytes(maxSmallFileBytes)}.`,
    )
  }
  const total = small.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total > maxSmallBytes) {
    throw new CannotPublish(
      `The files of the run's model that are not in LFS have ${formatBytes(total)}: at most ${formatBytes(maxSmallBytes)} can be published. Save fewer of them, or pack them into one file.`,
    )
  }
}

/** What differs, the card and `.gitattributes` aside. */
function compare(wanted: readonly ModelVersionFile[], there: readonly ModelVersionFile[]) {
  const now = new Map(there.map((file) => [file.path, file.content]))
  const changed = wanted.filter(({ path, content }) => now.get(path) !== content)
  const kept = new Set(wanted.map(({ path }) => path))
  return {
    large: changed.filter(({ isLfs }) => isLfs),
    small: changed.filter(({ isLfs }) => !isLfs),
    gone: modelTree(there).filter(({ path }) => !kept.has(path)),
  }
}

function lfsLine({ path, content, bytes }: ModelVersionFile): CommitLine {
  return { key: 'lfsFile', value: { path, algo: 'sha256', oid: content, size: bytes } }
}

function fileLine(path: string, content: Uint8Array): CommitLine {
  return {
    key: 'file',
    value: { path, content: Buffer.from(content).toString('base64'), encoding: 'base64' },
  }
}

/** Read one after another: the Hub counts downloads, and a runner's memory is small. */
async function fileLines(
  hub: Hub,
  options: {
    from: PublishOrder['from']
    files: readonly ModelVersionFile[]
    signal?: AbortSignal | undefined
  },
): Promise<CommitLine[]> {
  const { from, files, signal } = options
  const lines: CommitLine[] = []
  for (const { path, content } of files) {
    const { model, commit: revision } = from
    lines.push(fileLine(path, await readModelBytes(hub, { model, revision, path, blobId: content, signal })))
  }
  return lines
}

function hasCard(files: readonly ModelVersionFile[]): boolean {
  return files.some(({ path }) => path === 'README.md')
}

/** No line where the card stays as it is. */
async function cardLine(
  hub: Hub,
  options: {
    order: PublishOrder
    parent: string
    hasCard: boolean
    runHasCard: boolean
    signal?: AbortSignal | undefined
  },
): Promise<CommitLine[]> {
  const { order, parent, signal } = options
  const { from, to } = order
  const read = (model: string, revision: string) =>
    readModelFile(hub, { model, revision, path: 'README.md', maxBytes: maxSmallFileBytes, signal })
  const published = options.hasCard ? await read(to, parent) : null
  const run = options.runHasCard ? await read(from.model, from.commit) : null
  const text = order.card({ published: published ?? '', run: run ?? '' })
  return text === (published ?? '') ? [] : [fileLine('README.md', Buffer.from(text))]
}
