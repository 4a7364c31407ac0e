/** The splits that the library `datasets` knows, and the words in names of folders and files that mean them. */
const keywords = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'dev', 'val'],
  test: ['test', 'testing', 'eval', 'evaluation'],
} as const

/** What may stand beside such a word: `train-1.csv`, `my_train.csv`. */
const separator = '[-._ 0-9]'

const patterns = Object.entries(keywords).map(([split, words]) => {
  const word = `(?:^|${separator})(?:${words.join('|')})`
  return {
    split,
    folder: new RegExp(`${word}(?:${separator}|$)`),
    file: new RegExp(`${word}${separator}`),
  }
})

/** Files that the library never reads as data. */
const ignored = new Set([
  'README.md',
  'config.json',
  'dataset_info.json',
  'dataset_infos.json',
  'dummy_data.zip',
  'dataset_dict.json',
])

/** Paths by the name of their split. A path may belong to several. */
export type Splits = ReadonlyMap<string, readonly string[]>

/**
 * Assigns files to splits as the library `datasets` 3.2 does for a dataset whose card names no files: by the names of
 * `push_to_hub` in `data/`, or else by the names of folders, or else by the names of files, or else all to `train`.
 * https://huggingface.co/docs/datasets/repository_structure
 *
 * @param paths of all files
 * @returns no split at all for a dataset without files that the library would read
 */
export function readSplits(paths: readonly string[]): Splits {
  const visible = paths.filter(isVisible)
  const sharded = group(visible, shardSplits)
  if (sharded.size > 0) return sharded
  const byFolder = group(visible, (path) => splitsBy('folder', path.split('/').slice(0, -1)))
  if (byFolder.size > 0) return byFolder
  const byFile = group(visible, (path) => splitsBy('file', [baseName(path)]))
  if (byFile.size > 0) return byFile
  return new Map(visible.length === 0 ? [] : [['train', visible]])
}

/** The name of a file without its folders. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Whether the library reads a file as data: it leaves out hidden ones and those that describe the dataset. */
export function isVisible(path: string): boolean {
  if (ignored.has(baseName(path))) return false
  const parts = path.split('/')
  return (
    !parts.some((part) => part.startsWith('.')) && !parts.slice(0, -1).some((part) => part.startsWith('__'))
  )
}

/** `data/train-00000-of-00001.parquet`, as `push_to_hub` names files. */
function shardSplits(path: string): string[] {
  const [folder, name = '', ...deeper] = path.split('/')
  if (folder !== 'data' || deeper.length > 0) return []
  const number = /-\d{5}-of-\d{5}/.exec(name)
  const isShard = number !== null && number.index > 0 && name.indexOf('.', number.index) !== -1
  return isShard ? [name.slice(0, number.index)] : []
}

function splitsBy(kind: 'folder' | 'file', names: readonly string[]): string[] {
  return patterns.flatMap((pattern) =>
    names.some((name) => pattern[kind].test(name)) ? [pattern.split] : [],
  )
}

function group(
  paths: readonly string[],
  splitsOf: (path: string) => readonly string[],
): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    for (const split of splitsOf(path)) {
      const before = groups.get(split)
      if (before === undefined) groups.set(split, [path])
      else before.push(path)
    }
  }
  return new Map([...groups].toSorted(([a], [b]) => rank(a) - rank(b)))
}

/** The library's order: its own splits first, then the others as they come. */
function rank(split: string): number {
  const index = Object.keys(keywords).indexOf(split)
  return index === -1 ? Number.MAX_SAFE_INTEGER : index
}
