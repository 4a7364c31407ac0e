import { type ClassFolders, classFolders, isHidden, whyNotPacked } from '../class-folders.ts'
import { failing, type Layout, type Question, readable } from './layout.ts'
import { differentClasses, layoutByLibrary } from './loaded-layout.ts'

/** AutoTrain's name for every training split that it reads from a folder itself. */
const folderSplit = 'train'

/** Images that a folder needs for object detection. */
const minDescribed = 5

/** How AutoTrain reads a dataset of images. */
export function imageLayout(question: Question): Layout {
  const { repository, recipe } = question
  const { task, trainSplit } = recipe
  // A split may be part of a configuration (`large:train`), which is not a folder.
  const isName = /^\w[\w.-]*$/.test(trainSplit)
  const folder = isName ? classFolders(repository.paths, trainSplit) : null
  if (folder === null) return layoutByLibrary(question, { whyNotMounted: null })
  if (task === 'image-classification') return classLayout(question, folder)
  if (task === 'image-object-detection' && hasDescribedImages(question)) {
    return readable(question, { validation: recipe.validSplit === null ? 'fifth' : 'split' })
  }
  const whyNotMounted = `for the task ${task} AutoTrain reads ${trainSplit}/ by rules that are not checked here`
  return layoutByLibrary(question, { whyNotMounted })
}

/** How AutoTrain reads images by class from a folder that is named like the training split. */
function classLayout(question: Question, train: ClassFolders): Layout {
  const { repository, recipe } = question
  const { trainSplit, validSplit } = recipe
  const hasValidation = validSplit !== null
  const valid = hasValidation ? classFolders(repository.paths, validSplit) : null
  if (valid !== null && !hasSameClasses(train, valid)) {
    return failing(
      differentClasses(recipe, { train: [...train.classes.keys()], valid: [...valid.classes.keys()] }),
    )
  }
  const whyNotMounted =
    whyNotPacked(train, { folder: trainSplit, hasValidation }) ??
    (trainSplit === folderSplit ? null : otherSplitName(trainSplit)) ??
    whyNotValid({ folder: validSplit, valid })
  if (whyNotMounted !== null) return layoutByLibrary(question, { whyNotMounted })
  return readable(question, {
    validation: hasValidation ? 'split' : 'fifth',
    notes:
      train.beside.length === 0
        ? []
        : [`AutoTrain leaves out the files beside the class folders of ${trainSplit}/`],
  })
}

/** AutoTrain reads objects only from folders with images and metadata.jsonl, and never from the Hub. */
function hasDescribedImages({ repository, recipe }: Question): boolean {
  const { trainSplit, validSplit } = recipe
  const folders = validSplit === null ? [trainSplit] : [trainSplit, validSplit]
  return (
    trainSplit === folderSplit &&
    folders.every((folder) => {
      const beside = classFolders(repository.paths, folder)?.beside ?? []
      const images = beside.filter((file) => /(?:jpe?g|png|JPE?G|PNG)$/.test(file))
      return beside.includes('metadata.jsonl') && images.length >= minDescribed
    })
  )
}

function whyNotValid({
  folder,
  valid,
}: {
  folder: string | null
  valid: ClassFolders | null
}): string | null {
  if (folder === null) return null
  return valid === null
    ? `the dataset has no folder ${folder}/`
    : whyNotPacked(valid, { folder, hasValidation: true })
}

function hasSameClasses(train: ClassFolders, valid: ClassFolders): boolean {
  const [a, b] = [visibleClasses(train), visibleClasses(valid)]
  return a.size === b.size && [...a].every((name) => b.has(name))
}

/** The library leaves out hidden folders, and AutoTrain refuses them. */
function visibleClasses({ classes }: ClassFolders): Set<string> {
  return new Set([...classes.keys()].filter((name) => !isHidden(name)))
}

/** Why files of a split with another name are not read from a folder. */
export function otherSplitName(split: string): string {
  return `AutoTrain reads files from a folder only for the split train, not ${split}`
}
