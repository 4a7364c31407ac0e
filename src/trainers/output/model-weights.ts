/** The endings of files with a model's weights, by the libraries that the Hub knows. */
const weightFile = /\.(?:safetensors|bin|joblib|onnx|gguf|keras|pt|pth|ckpt|h5|pkl|skops|msgpack|tflite)$/i

/** What a Trainer saves to resume from: it has the same endings, and proves no model. */
const stateFile = /^(?:training_args|optimizer|scheduler|scaler|rng_state\w*|trainer_state)\.\w+$/

/** Folders of unfinished or other work: a crashed Trainer leaves checkpoints behind. */
const otherFolder = /^(?:checkpoint-.*|runs|training)$/

/** Says in an error which files count as weights. */
export const weightExamples = '.safetensors, .bin, .pt, .onnx, .gguf, .keras, .joblib'

/** Whether a path in a model's repository is a file of weights. */
export function isWeightFile(path: string): boolean {
  const folders = path.split('/')
  const name = folders.pop() ?? ''
  return weightFile.test(name) && !stateFile.test(name) && !folders.some((folder) => otherFolder.test(folder))
}

/** Libraries whose models cannot be loaded without one of these files. */
const configsOf: Readonly<Record<string, readonly string[]>> = {
  transformers: ['config.json', 'adapter_config.json'],
  peft: ['adapter_config.json', 'config.json'],
}

/**
 * Returns the names of the config files of which a model needs one; empty when it needs none.
 *
 * @param card untrusted; its `library_name` decides
 */
export function configsNeeded(card: string): readonly string[] {
  const library = libraryOf(card)
  return library !== null && Object.hasOwn(configsOf, library) ? (configsOf[library] ?? []) : []
}

/** The `library_name` in the metadata of a card. https://huggingface.co/docs/hub/model-cards#specifying-a-library */
function libraryOf(card: string): string | null {
  const lines = card.trimStart().split('\n')
  if (lines[0]?.trim() !== '---') return null
  for (const line of lines.slice(1)) {
    if (line.startsWith('---')) return null
    const [, name] = /^library_name:[ \t]*["']?([\w.-]{1,100})/.exec(line) ?? []
    if (name !== undefined) return name.toLowerCase()
  }
  return null
}
