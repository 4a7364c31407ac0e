import { createHash } from 'node:crypto'
import { codeFolder } from '../domain/plan/code.ts'

/** A file by its place and its content. */
interface PlacedFile {
  readonly path: string
  /** The id of its content: its sha256 in LFS, else git's id. */
  readonly content: string
}

/** These two are the published model's own: people write in the card, and the Hub in the other. */
const ownFiles: readonly string[] = ['README.md', '.gitattributes']

/** The logs of TensorBoard, at the top of a run's model. */
const logFolder = 'runs'

/** What trainers leave to continue from; a model is loaded without it. https://huggingface.co/docs/transformers/main_classes/trainer */
const trainingStates = [
  /^training_params\.json$/,
  /^training_args\.bin$/,
  /^(?:optimizer|scheduler)(?:_\d+)?\.(?:pt|bin)$/,
  /^rng_state.*\.pth$/,
  // Of Accelerate and DeepSpeed.
  /^random_states_\d+\.pkl$/,
  /_optim_states\.pt$/,
]

/**
 * Whether a file of a run's model is loaded by people, or only left from its training. `README.md` and `.gitattributes`
 * of the run are not published either: the published model has its own.
 *
 * @param options.includesCode whether the training's code is published too, `publish-code`
 */
export function isPublished(path: string, { includesCode }: { includesCode: boolean }): boolean {
  if (ownFiles.includes(path)) return false
  const folders = path.split('/')
  const name = folders.pop() ?? ''
  if (folders[0] === logFolder || (folders[0] === codeFolder && !includesCode)) return false
  // The code is what its repository has, whatever its files are called.
  if (folders[0] === codeFolder) return true
  return !folders.some((folder) => folder.startsWith('checkpoint-')) && !isTrainingState(name)
}

function isTrainingState(name: string): boolean {
  return trainingStates.some((pattern) => pattern.test(name))
}

/** The files that make a model what it is: all but its card and `.gitattributes`. */
export function modelTree<File extends PlacedFile>(files: readonly File[]): File[] {
  return files.filter(({ path }) => !ownFiles.includes(path))
}

/**
 * A digest of a model's files, the same for the same files in every repository. The card and `.gitattributes` do not
 * count.
 *
 * @returns the SHA-256 in hex over paths and contents, sorted by path
 */
export function treeDigest(files: readonly PlacedFile[]): string {
  const hash = createHash('sha256')
  const lines = modelTree(files).map(({ path, content }) => JSON.stringify([path, content]))
  for (const line of lines.sort()) hash.update(`${line}\n`)
  return hash.digest('hex')
}
