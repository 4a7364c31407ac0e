import { chooseConfig, filesOfConfig } from './card-configs.ts'
import { commonFormat, type Format, formatOf, isMetadata } from './formats.ts'
import type { Repository } from './repository.ts'
import { readSplits, type Splits } from './splits.ts'

/** What the library reads where the listing and the card tell. */
export interface KnownReading {
  readonly kind: 'known'
  readonly format: Format
  /** The files of each split that it reads. */
  readonly splits: Splits
  /** Whether the card changes how the files are read, such as with another separator. */
  readonly hasReaderSettings: boolean
}

/** How the library `datasets` reads a dataset, from the Hub and from a folder alike. */
export type Reading =
  | KnownReading
  /** The card has several configurations and the recipe names none of them: the library refuses to choose. */
  | { readonly kind: 'nameless'; readonly names: readonly string[] }
  /** It certainly fails. `why` is what is wrong, as the first part of a sentence. */
  | { readonly kind: 'failing'; readonly why: string }
  /** The listing does not tell. */
  | { readonly kind: 'unclear' }

/**
 * Finds out how the library `datasets` 3.2 reads a dataset.
 * https://huggingface.co/docs/datasets/repository_structure
 *
 * @param options.trainSplit may begin with the name of a configuration: `large:train`
 */
export function readByLibrary(repository: Repository, { trainSplit }: { trainSplit: string }): Reading {
  const { paths, card } = repository
  if (card.configs === null || hasOwnFeatures(repository)) return { kind: 'unclear' }
  if (card.configs.length === 0) return readingOf(readSplits(paths))
  const asked = configOf(trainSplit)
  const config = chooseConfig(card.configs, { asked })
  const splits = config && filesOfConfig(config, paths)
  const names = card.configs.map(({ name }) => name)
  if (config === undefined) return asked === null ? { kind: 'nameless', names } : { kind: 'unclear' }
  if (splits === null || splits === undefined) return { kind: 'unclear' }
  // The library reads all configurations in the format of the first.
  const [first] = card.configs
  const ofFirst = first === undefined || first === config ? splits : filesOfConfig(first, paths)
  const reading = readingOf(splits)
  const format = ofFirst && commonFormat([...ofFirst.values()].flat())
  if (reading.kind === 'known' && reading.format !== format) return { kind: 'unclear' }
  return reading.kind === 'known' ? { ...reading, hasReaderSettings: config.hasReaderSettings } : reading
}

/** The configuration that a split names: `large` of `large:train`; null without one. */
export function configOf(split: string): string | null {
  const end = split.indexOf(':')
  return end === -1 ? null : split.slice(0, end)
}

function readingOf(splits: Splits): Reading {
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
    hasReaderSettings: false,
  }
}

/**
 * A file at the top that decides how the dataset is read: a script of the dataset's name (`data.py` where it is
 * mounted), or settings beside the card.
 */
function mayDecide(path: string, { dataset }: Repository): boolean {
  const scripts = [`${dataset.slice(dataset.indexOf('/') + 1)}.py`, 'data.py']
  return [...scripts, 'dataset_infos.json', '.huggingface.yaml'].includes(path)
}

/** Whether a script or settings beside the card may say which columns are classes, whatever the format of the data. */
export function hasOwnFeatures(repository: Repository): boolean {
  return repository.paths.some((path) => mayDecide(path, repository))
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
