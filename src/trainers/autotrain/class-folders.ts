import { formatOf, isMetadata } from './layout/formats.ts'

/** AutoTrain's own requirements. https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/preprocessor/vision.py */
const minClasses = 2
const minImages = 5
const image = /\.(?:jpe?g|png)$/
const imageOrUpperCase = /\.(?:jpe?g|png|JPE?G|PNG)$/

/** A folder that has one folder of images per class. */
export interface ClassFolders {
  /** The files of each class, without folders. */
  readonly classes: ReadonlyMap<string, readonly string[]>
  /** The files beside the class folders. */
  readonly beside: readonly string[]
  /** The first folder inside a class folder; null without one. */
  readonly nested: string | null
}

/**
 * Reads a folder as one folder per class.
 *
 * @param paths of all files of the dataset
 * @returns null when there is no such folder
 */
export function classFolders(paths: readonly string[], folder: string): ClassFolders | null {
  const classes = new Map<string, string[]>()
  const beside: string[] = []
  let nested: string | null = null
  for (const path of paths) {
    if (!path.startsWith(`${folder}/`)) continue
    const [className = '', file, ...deeper] = path.slice(folder.length + 1).split('/')
    if (file === undefined) {
      beside.push(className)
      continue
    }
    if (deeper.length > 0) nested ??= `${folder}/${className}/${file}/`
    const files = classes.get(className) ?? []
    classes.set(className, files)
    if (deeper.length === 0) files.push(file)
  }
  return classes.size === 0 && beside.length === 0 ? null : { classes, beside, nested }
}

/**
 * Why AutoTrain refuses to read a folder by class, or would lose images of it.
 *
 * @param options.hasValidation whether AutoTrain copies the folder whole, beside one for validation. Else it copies the
 *   images of the class folders one by one, and leaves out upper-case endings
 * @returns null when it reads all of it; the text names no file and no class
 */
export function whyNotPacked(
  { classes, beside, nested }: ClassFolders,
  { folder, hasValidation }: { folder: string; hasValidation: boolean },
): string | null {
  if (nested !== null) return `${folder}/ has folders inside its class folders`
  if ([...classes.keys()].some(isHidden)) return `${folder}/ has a hidden folder among its class folders`
  const known = hasValidation ? imageOrUpperCase : image
  const lists = [...classes.values()]
  if (lists.some((files) => files.some((file) => !known.test(file)))) {
    return `${folder}/ has files that are not .jpg, .jpeg or .png`
  }
  if (lists.length < minClasses) return `${folder}/ has fewer than ${minClasses} folders with images`
  if (lists.some((files) => files.length < minImages)) {
    return `${folder}/ has a class with fewer than ${minImages} images`
  }
  return hasValidation && beside.some(changesImages)
    ? `${folder}/ has images, metadata or archives next to its class folders`
    : null
}

/** Whether the library leaves out a folder of this name. */
export function isHidden(name: string): boolean {
  return /^(?:\.|__)/.test(name)
}

/** Whether a file beside the class folders would change what the library reads of a folder that is copied whole. */
function changesImages(file: string): boolean {
  if (file.startsWith('.')) return false
  const format = formatOf(file)
  return (
    isMetadata(file) ||
    format === 'image' ||
    format === 'archive' ||
    /\.(?:gz|bz2|xz|zst|7z|rar|tgz)$/i.test(file)
  )
}
