import { commonFormat, type Format, formatOf, isMetadata } from './formats.ts'
import type { Repository } from './repository.ts'
import { readSplits, type Splits } from './splits.ts'

/** How the library `datasets` reads a dataset, from the Hub and from a folder alike. */
export type Reading =
  | {
      readonly kind: 'known'
      readonly format: Format
      /** The files of each split that it reads. */
      readonly splits: Splits
    }
  /** It certainly fails. `why` is what is wrong, as the first part of a sentence. */
  | { readonly kind: 'failing'; readonly why: string }
  /** The listing does not tell. */
  | { readonly kind: 'unclear' }

/**
 * Finds out how the library `datasets` 3.2 reads a dataset.
 * https://huggingface.co/docs/datasets/repository_structure
 */
export function readByLibrary({ paths, card }: Repository): Reading {
  if (card.hasConfigs || paths.some(mayDecide)) return { kind: 'unclear' }
  const splits = readSplits(paths)
  const formats = new Map([...splits].map(([split, files]) => [split, commonFormat(files)]))
  const found = new Set(formats.values())
  const [format] = found
  if (found.has('archive')) return { kind: 'unclear' }
  if (format === undefined || (format === null && found.size === 1)) {
    return { kind: 'failing', why: 'the dataset has no file that AutoTrain reads as data' }
  }
  if (format === null || found.size > 1) {
    const list = [...formats].map(([split, each]) => `${split}: ${each ?? 'no data'}`).join(', ')
    return { kind: 'failing', why: `the splits of the dataset have different formats (${list})` }
  }
  const ofFormat = (files: readonly string[]) =>
    files.filter((path) => formatOf(path) === format && !(format === 'image' && isMetadata(path)))
  return {
    kind: 'known',
    format,
    splits: new Map([...splits].map(([split, files]) => [split, ofFormat(files)])),
  }
}

/** A file at the top that decides how the dataset is read: a script, `save_to_disk`, or settings beside the card. */
function mayDecide(path: string): boolean {
  return /^(?:[^/]*\.py|state\.json|dataset_infos\.json|\.huggingface\.yaml)$/.test(path)
}

/** The classes of a dataset of images, by the names of their folders. */
export interface ImageClasses {
  /** Of all splits. */
  readonly all: ReadonlySet<string>
  readonly bySplit: ReadonlyMap<string, ReadonlySet<string>>
  /** Whether all images are equally deep in folders. */
  readonly isLevel: boolean
}

/** Reads the classes of images as the library does: it looks at the images of all splits. */
export function readImageClasses(splits: Splits): ImageClasses {
  const all = new Set<string>()
  const depths = new Set<number>()
  const bySplit = new Map<string, Set<string>>()
  for (const [split, paths] of splits) {
    const names = new Set<string>()
    for (const path of paths) {
      const folders = path.split('/').slice(0, -1)
      names.add(folders.at(-1) ?? '')
      depths.add(folders.length)
    }
    bySplit.set(split, names)
    for (const name of names) all.add(name)
  }
  return { all, bySplit, isLevel: depths.size === 1 }
}
