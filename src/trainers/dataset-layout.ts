import { listFiles } from '@huggingface/hub'
import { HttpError } from '../http/errors.ts'
import type { Hub } from '../hub/hub.ts'
import type { TrainingOrder } from './trainer.ts'

/** Where the dataset's volume is in the container of a Job. */
export const mountPath = '/data'

/** Where AutoTrain reads the data from. */
export type DataSource =
  /** From the volume: the very revision that was asked for. */
  | { readonly isPinned: true; readonly path: string }
  /** From the Hub: whatever the main branch holds when it starts. `why` ends a sentence. */
  | { readonly isPinned: false; readonly path: string; readonly why: string }

/** AutoTrain's own conditions. https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/preprocessor/vision.py */
const minClasses = 2
const minImages = 5
const image = /\.(?:jpe?g|png)$/

/**
 * Finds out whether AutoTrain can read a dataset from a folder, which is the only way to train on a chosen
 * revision: it knows no revision of a dataset on the Hub, and reads folders of images by class only where they
 * keep to its rules.
 *
 * @throws HttpError or NoAnswerError when the Hub does not say
 */
export async function findDataSource(
  hub: Hub,
  { recipe, revision }: TrainingOrder,
  signal: AbortSignal,
): Promise<DataSource> {
  const { inputDataset, task, trainSplit, validSplit } = recipe
  const fromHub = (why: string) => ({ isPinned: false, path: inputDataset, why }) as const
  if (task !== 'image-classification') return fromHub(`for the task ${task} AutoTrain reads the Hub`)
  const look = (folder: string) => classFolders(hub, { dataset: inputDataset, revision, folder, signal })
  const train = await look(trainSplit)
  if (typeof train === 'string') return fromHub(train)
  if (validSplit === null) return { isPinned: true, path: mountPath }
  const valid = await look(validSplit)
  if (typeof valid === 'string') return fromHub(valid)
  if (valid.size !== train.size || [...valid].some((name) => !train.has(name))) {
    return fromHub(`${validSplit}/ and ${trainSplit}/ have different classes`)
  }
  return { isPinned: true, path: mountPath }
}

/** The classes of a folder that AutoTrain can read, or why it cannot. Nothing of what is in it is named. */
async function classFolders(
  hub: Hub,
  options: { dataset: string; revision: string; folder: string; signal: AbortSignal },
): Promise<Set<string> | string> {
  const { dataset, revision, folder, signal } = options
  // A split may be part of a configuration (`large:train`), which is no folder.
  if (!/^\w[\w.-]*$/.test(folder)) return `${folder} is no folder`
  const images = new Map<string, number>()
  const entries = listFiles({
    repo: { type: 'dataset', name: dataset },
    revision,
    path: folder,
    recursive: true,
    accessToken: hub.token,
    hubUrl: hub.url,
    fetch: hub.fetchFor(signal),
  })
  try {
    for await (const { type, path } of entries) {
      const [className = '', file, ...deeper] = path.slice(folder.length + 1).split('/')
      if (deeper.length > 0 || (file !== undefined && type === 'directory')) {
        return `${folder}/ has folders inside its folders`
      }
      if (type === 'directory') continue
      if (file === undefined) return `${folder}/ has files beside the folders of its classes`
      if (!image.test(file)) return `${folder}/ has files that are not .jpg, .jpeg or .png`
      images.set(className, (images.get(className) ?? 0) + 1)
    }
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return `the dataset has no folder ${folder}/`
    throw error
  }
  if (images.size < minClasses) return `${folder}/ has less than ${minClasses} folders with images`
  if ([...images.values()].some((count) => count < minImages)) {
    return `${folder}/ has a class with less than ${minImages} images`
  }
  return new Set(images.keys())
}
