import { listFiles } from '@huggingface/hub'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../../hub/hub.ts'

/** AutoTrain's own requirements. https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/preprocessor/vision.py */
const minClasses = 2
const minImages = 5
const image = /\.(?:jpe?g|png)$/

/**
 * Reads the classes of a folder that has one folder of images per class.
 *
 * @returns the names of the classes, or why AutoTrain cannot read the folder; that text names no file or class, because
 *   the dataset may be private
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function classFolders(
  hub: Hub,
  options: { dataset: string; revision: string; folder: string; signal: AbortSignal },
): Promise<Set<string> | string> {
  const { dataset, revision, folder, signal } = options
  // A split may be part of a configuration (`large:train`), which is not a folder.
  if (!/^\w[\w.-]*$/.test(folder)) return `${folder} is not a folder`
  const images = new Map<string, number>()
  const entries = listFiles({
    repo: { type: 'dataset', name: dataset },
    revision,
    path: folder,
    recursive: true,
    ...hub.access(signal),
  })
  try {
    for await (const { type, path } of entries) {
      const [className = '', file, ...deeper] = path.slice(folder.length + 1).split('/')
      if (deeper.length > 0 || (file !== undefined && type === 'directory')) {
        return `${folder}/ has folders inside its class folders`
      }
      if (type === 'directory') continue
      if (file === undefined) return `${folder}/ has files next to its class folders`
      if (!image.test(file)) return `${folder}/ has files that are not .jpg, .jpeg or .png`
      images.set(className, (images.get(className) ?? 0) + 1)
    }
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return `the dataset has no folder ${folder}/`
    throw error
  }
  if (images.size < minClasses) return `${folder}/ has fewer than ${minClasses} folders with images`
  if ([...images.values()].some((count) => count < minImages)) {
    return `${folder}/ has a class with fewer than ${minImages} images`
  }
  return new Set(images.keys())
}
