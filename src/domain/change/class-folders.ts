/** The usual names of splits, which are no classes. https://huggingface.co/docs/hub/datasets-file-names-and-splits */
const splitName =
  /^(?:train|training|valid|validation|val|dev|development|test|testing|eval|evaluation|holdout|unlabeled)$/i

/** Folders that hold files of one kind, and are no classes. */
const kindName =
  /^(?:data|datasets?|images?|imgs?|pictures?|photos?|audios?|clips?|wavs?|videos?|texts?|files?|raw|labels?|annotations?|masks?|metadata)$/i

/** Folders that part data by when or in which portion it came: a window that moves on loses the oldest of them. */
const portionName =
  /^(?:(?:19|20)\d\d(?:[-_.]?\d\d){0,2}|(?:v|version|part|shard|batch|chunk|fold|day|week|month|year|run|session)[-_.]?\d[\d.]*)$/i

/** Folders that come with data, and hold none. */
const besideData = /^(?:\..*|docs?|scripts?|assets?|src|code|tools|notebooks?|figures?|licen[cs]es?)$/i

/** Tables, whose folders may be cut another way at any time, and what explains or makes the data. */
const noExample = /\.(?:csv|tsv|jsonl|ndjson|md|py|ipynb|sh|ya?ml|toml)$/i

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
 * Counts files by class, where folders are classes: `cat` in `train/cat/1.jpg` and in `data/train/cat/1.jpg`; without
 * splits in `images/cat/1.jpg`, and in `cat/1.jpg` beside `dog/2.jpg`. A name that is stored composed in one place and
 * decomposed in another is one class. https://huggingface.co/docs/datasets/image_load#imagefolder
 *
 * @param paths of a revision's relevant files
 * @returns empty where no folder is a class
 */
export function classFolders(paths: readonly string[]): ReadonlyMap<string, number> {
  if (paths.some((path) => labelFile.test(fileName(path)))) return new Map()
  const examples = paths.filter((path) => !noExample.test(path) && !isPacked(path)).map(foldersOf)
  const below = count(examples.map(classBelowSplit))
  if (below.size > 0) return below
  const second = count(examples.map(secondFolder))
  if (second.size > 0) return second
  const top = count(examples.map((folders) => (folders.length === 1 ? notOfKind(folders[0]) : null)))
  // One folder with everything in it separates no classes.
  return top.size < 2 || paths.some((path) => splitName.test(foldersOf(path)[0] ?? '')) ? new Map() : top
}

/**
 * The folder that a report counts a file under: the one of its class, else the top folder; empty for a file in none.
 */
export function groupFolder(path: string): string {
  const folders = foldersOf(path)
  const isClass =
    !noExample.test(path) && !isPacked(path) && (classBelowSplit(folders) ?? secondFolder(folders)) !== null
  return isClass ? folders.join('/') : (folders[0] ?? '')
}

function classBelowSplit(folders: readonly string[]): string | null {
  const [parent, own] = folders.slice(-2)
  if (parent === undefined || own === undefined) return null
  return splitName.test(parent) && !splitName.test(own) ? own.normalize('NFC') : null
}

function secondFolder(folders: readonly string[]): string | null {
  const [top = '', own] = folders
  return folders.length === 2 && !besideData.test(top) ? notOfKind(own) : null
}

function notOfKind(folder: string | undefined): string | null {
  const isNone =
    folder === undefined || [splitName, kindName, portionName, besideData].some((name) => name.test(folder))
  return isNone ? null : folder.normalize('NFC')
}

function count(names: readonly (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function foldersOf(path: string): string[] {
  return path.split('/').slice(0, -1)
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
