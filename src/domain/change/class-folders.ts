/** The usual names of splits, which are no classes. https://huggingface.co/docs/hub/datasets-file-names-and-splits */
const splitName =
  /^(?:train|training|valid|validation|val|dev|development|test|testing|eval|evaluation|holdout|unlabeled)$/i

/** Folders that hold files of one kind, and are no classes. */
const kindName =
  /^(?:data|datasets?|images?|imgs?|pictures?|photos?|audios?|clips?|wavs?|videos?|texts?|docs?|files?|raw|labels?|annotations?|masks?|metadata|scripts?|assets?)$/i

/** What numbers its parts, or packs many examples into one file: Parquet, WebDataset, archives and the like. */
const packed =
  /-\d{5}-of-\d{5}|\.(?:parquet|arrow|feather|avro|orc|lance|tfrecords?|beton|mds|tar|tgz|zip|7z|rar)$|\.(?:csv|tsv|jsonl?|ndjson|txt|tar)\.(?:gz|zst|bz2|xz)$/i

/** Tables and texts with many examples, which shrink when they are packed. */
const textTable = /\.(?:csv|tsv|jsonl?|ndjson|txt|xml|md)$/i

/** `imagefolder` and `audiofolder` take their labels from this file, not from folders. */
const labelFile = /^metadata\.(?:csv|jsonl|parquet)$/i

/** Whether a file packs many examples, so that the number of files says nothing about the number of examples. */
export function isPacked(path: string): boolean {
  return packed.test(fileName(path))
}

/** Whether a file is text, which compresses to a fraction of its size when it is packed. */
export function isText(path: string): boolean {
  return textTable.test(path)
}

/**
 * Counts files by class, where folders are classes: `cat` in `train/cat/1.jpg`, in `data/train/cat/1.jpg`, and in
 * `cat/1.jpg` beside `dog/2.jpg`. A name that is stored composed in one place and decomposed in another is one class.
 * https://huggingface.co/docs/datasets/image_load#imagefolder
 *
 * @param paths of a revision's relevant files
 * @returns empty where no folder is a class
 */
export function classFolders(paths: readonly string[]): ReadonlyMap<string, number> {
  if (paths.some((path) => labelFile.test(fileName(path)))) return new Map()
  const below = count(paths.map(classBelowSplit))
  if (below.size > 0) return below
  const top = count(paths.map(topClass))
  // One folder with everything in it separates no classes.
  return top.size < 2 || paths.some((path) => splitName.test(firstFolder(path))) ? new Map() : top
}

/**
 * The folder that a report counts a file under: the one of its class, else the top folder; empty for a file in none.
 */
export function groupFolder(path: string): string {
  return classBelowSplit(path) === null ? firstFolder(path) : path.slice(0, path.lastIndexOf('/'))
}

function classBelowSplit(path: string): string | null {
  const folders = path.split('/').slice(0, -1)
  const [parent, own] = folders.slice(-2)
  if (parent === undefined || own === undefined || splitName.test(own) || isTable(path)) return null
  const isClass = splitName.test(parent) || (folders.length === 2 && !kindName.test(own))
  return isClass ? own.normalize('NFC') : null
}

function topClass(path: string): string | null {
  const folder = firstFolder(path)
  const isDirect = path.split('/').length === 2
  return isDirect && !kindName.test(folder) && !isTable(path) ? folder.normalize('NFC') : null
}

/** A folder of tables or shards is a configuration or a split, which may be cut another way at any time. */
function isTable(path: string): boolean {
  return isPacked(path) || /\.(?:csv|tsv|jsonl|ndjson)$/i.test(path)
}

function count(names: readonly (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function firstFolder(path: string): string {
  const end = path.indexOf('/')
  return end === -1 ? '' : path.slice(0, end)
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
