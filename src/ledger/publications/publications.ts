import { type ClaimContext, createOrRead } from '../claim.ts'
import { UnreadableRecord } from '../entry.ts'
import { ledgerPrefix, parseRef, publicationRef } from '../ref-names.ts'
import { openView, type View } from '../view.ts'
import { type PublicationLog, publishedBy } from './publication-log.ts'
import {
  type Begun,
  type Done,
  type PublicationEntry,
  readBegun,
  readDone,
  writePublication,
} from './publication-record.ts'

/** How many of the newest publications are read, whatever came of them. */
const maxRead = 40

/** Ends of older publications that are read at once. */
const olderBatch = 100

/** The publications in the ledger of one recipe. */
export interface Publications {
  /** As of the list of refs that this workflow run has read, kept up with its own writes. @throws UnreadableRecord */
  read(): Promise<PublicationLog>
  /** The same with the refs read anew. */
  readAgain(): Promise<PublicationLog>
  /**
   * Begins a publication, or another try at it: a create-only ref, so that one workflow run alone has it.
   *
   * @returns whether it is ours
   */
  begin(begun: Begun): Promise<boolean>
  /** Replaces what our own try says of itself. */
  renew(begun: Begun): Promise<void>
  /** Whether a publication still belongs to this try: it has no end, and no later try. */
  isOurs(begun: Begun): Promise<boolean>
  /** Ends a publication. Where another has ended it already, that end stays, and is returned. */
  end(done: Done): Promise<Done>
}

interface PublicationRefs {
  /** The object of the newest try, and its number. */
  begun: { readonly ref: string; readonly sha: string; readonly tries: number } | null
  done: { readonly ref: string; readonly sha: string } | null
}

type Numbered = readonly [n: number, refs: PublicationRefs]

/** The publications of a recipe. */
export function openPublications(context: ClaimContext): Publications {
  const { git, view, key, clock, hide } = context
  const write = async (ref: string, record: Begun | Done): Promise<{ sha: string; message: string }> => {
    const message = writePublication(record, hide)
    return { sha: await git.createTag({ tag: ref.replace(/^refs\//, ''), message }), message }
  }
  return {
    read: () => readLog(view, key),
    async readAgain() {
      const fresh = await openView({ git, clock }, `${ledgerPrefix}${key}`, view.known)
      // A replica that lags must not take away what this workflow run has seen.
      for (const [ref, sha] of fresh.refs) if (!view.refs.has(ref)) view.refs.set(ref, sha)
      return readLog(view, key)
    },
    async begin(begun) {
      const ref = publicationRef(key, begun.n, begun.tries)
      const { sha, message } = await write(ref, begun)
      const held = await createOrRead(context, ref, sha)
      if (held === sha) view.wrote(ref, sha, message)
      else view.refs.set(ref, held)
      return held === sha
    },
    async renew(begun) {
      const ref = publicationRef(key, begun.n, begun.tries)
      const { sha, message } = await write(ref, begun)
      await git.updateRef(ref, sha)
      view.wrote(ref, sha, message)
    },
    async isOurs({ n, tries }) {
      const later = [publicationRef(key, n, 'done'), publicationRef(key, n, tries + 1)]
      const held = await Promise.all(later.map((ref) => git.readRef(ref)))
      return held.every((sha) => sha === null)
    },
    async end(done) {
      const ref = publicationRef(key, done.n, 'done')
      const { sha, message } = await write(ref, done)
      const held = await createOrRead(context, ref, sha)
      if (held === sha) {
        view.wrote(ref, sha, message)
        return done
      }
      view.refs.set(ref, held)
      const before = readDone(await view.message(held))
      if (before === null) throw new UnreadableRecord(ref, { isShown: view.known.has(held) })
      return before
    },
  }
}

/** The objects of the newest publications, to be read with the rest of what a check needs. */
export function publicationObjects(view: View, key: string): string[] {
  return objectsOf(publicationRefs(view, key).slice(-maxRead))
}

function objectsOf(found: readonly Numbered[]): string[] {
  return found.flatMap(([, { begun, done }]) => [begun, done].flatMap((one) => one?.sha ?? []))
}

async function readLog(view: View, key: string): Promise<PublicationLog> {
  const found = publicationRefs(view, key)
  const read = found.slice(-maxRead)
  await view.prefetch(objectsOf(read))
  const entries = await readEntries(view, key, read)
  const older = await readOlder(view, key, { found: found.slice(0, -maxRead), entries })
  return { entries: [...older, ...entries], next: (found.at(-1)?.[0] ?? 0) + 1 }
}

/**
 * What is published may be older than all that is read, where each run since was held: without it the next run would be
 * compared with nothing.
 *
 * @param options.found the publications before those that were read, oldest first
 * @param options.entries those that were read
 * @returns for each name under which none of them put something, the newest that did
 */
async function readOlder(
  view: View,
  key: string,
  { found, entries }: { found: readonly Numbered[]; entries: readonly PublicationEntry[] },
): Promise<PublicationEntry[]> {
  const nameOf = ({ begun }: PublicationEntry) => begun.to.toLowerCase()
  const missing = new Set(entries.map(nameOf))
  for (const entry of entries) if (publishedBy(entry) !== null) missing.delete(nameOf(entry))
  const older: PublicationEntry[] = []
  for (let end = found.length; end > 0 && missing.size > 0; end -= olderBatch) {
    const batch = found.slice(Math.max(0, end - olderBatch), end)
    await view.prefetch(batch.flatMap(([, { done }]) => done?.sha ?? []))
    const ends = await Promise.all(
      batch.map(async ([, { done }]) => done && readDone(await view.message(done.sha))),
    )
    // One that cannot be read may have published.
    const published = batch.filter((_one, index) => ends[index] === null || ends[index]?.end === 'published')
    await view.prefetch(published.flatMap(([, { begun }]) => begun?.sha ?? []))
    const read = await readEntries(view, key, published)
    for (const entry of read.reverse()) {
      if (publishedBy(entry) !== null && missing.delete(nameOf(entry))) older.unshift(entry)
    }
  }
  return older
}

function readEntries(view: View, key: string, found: readonly Numbered[]): Promise<PublicationEntry[]> {
  return Promise.all(
    found.map(async ([n, { begun, done }]): Promise<PublicationEntry> => {
      const beginning = begun === null ? null : readBegun(await view.message(begun.sha))
      const end = done === null ? null : readDone(await view.message(done.sha))
      // What cannot be read may have been published.
      if (beginning === null) throw unreadable(view, begun ?? done, publicationRef(key, n, 1))
      if (done !== null && end === null) throw unreadable(view, done, done.ref)
      return { n, begun: beginning, done: end }
    }),
  )
}

function unreadable(view: View, held: { ref: string; sha: string } | null, ref: string): UnreadableRecord {
  return new UnreadableRecord(held?.ref ?? ref, { isShown: held !== null && view.known.has(held.sha) })
}

/** The refs of the publications by their numbers, oldest first. */
function publicationRefs(view: View, key: string): Numbered[] {
  const all = new Map<number, PublicationRefs>()
  const prefix = `${ledgerPrefix}${key}/publish/`
  for (const [ref, sha] of view.refs) {
    // The list may have the refs of all recipes, and most are claims.
    if (!ref.startsWith(prefix)) continue
    const parsed = parseRef(key, ref)
    if (parsed?.kind !== 'publication') continue
    const { n, part } = parsed
    const refs = all.get(n) ?? { begun: null, done: null }
    if (part === 'done') refs.done = { ref, sha }
    else if (refs.begun === null || part > refs.begun.tries) refs.begun = { ref, sha, tries: part }
    all.set(n, refs)
  }
  return [...all].sort(([a], [b]) => a - b)
}
