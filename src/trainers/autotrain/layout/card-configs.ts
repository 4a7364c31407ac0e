import * as z from 'zod/mini'
import { globMatcher } from './glob.ts'
import { isVisible, readSplits, type Splits } from './splits.ts'

/** One entry of `configs` in a dataset card: a configuration, with the files of its splits. */
export interface CardConfig {
  readonly name: string
  readonly isDefault: boolean
  /** Globs by split; null where the names of files and folders decide. */
  readonly globs: ReadonlyMap<string, readonly string[]> | null
  /** The folder in which its files lie; empty for the whole dataset. */
  readonly folder: string
  /** Whether it has settings for the reader, such as `sep`, which change what the files mean. */
  readonly hasReaderSettings: boolean
}

const globsSchema = z.union([z.string(), z.array(z.string())])
const filesSchema = z.union([globsSchema, z.array(z.object({ split: z.string(), path: globsSchema }))])
const configSchema = z.looseObject({
  config_name: z.string(),
  data_files: z.optional(filesSchema),
  data_dir: z.optional(z.string()),
  default: z.optional(z.boolean()),
})
const ownKeys = Object.keys(configSchema.shape)

/**
 * Reads `configs` of a dataset card.
 * https://huggingface.co/docs/hub/datasets-manual-configuration
 *
 * @param configs unchecked
 * @returns null where it has another form, which the library refuses or reads by rules that are not known here
 */
export function readConfigs(configs: unknown): CardConfig[] | null {
  const list = z.array(configSchema).safeParse(configs ?? [])
  if (!list.success) return null
  return list.data.map((config) => ({
    name: config.config_name,
    isDefault: config.default === true,
    globs: config.data_files === undefined ? null : globsOf(config.data_files),
    folder: (config.data_dir ?? '').replace(/^\.\//, '').replace(/\/+$/, ''),
    hasReaderSettings: Object.keys(config).some((key) => !ownKeys.includes(key)),
  }))
}

function globsOf(files: z.infer<typeof filesSchema>): Map<string, string[]> {
  const globs = new Map<string, string[]>()
  for (const entry of [files].flat()) {
    const [split, paths] = typeof entry === 'string' ? ['train', entry] : [entry.split, entry.path]
    globs.set(split, [...(globs.get(split) ?? []), ...[paths].flat()])
  }
  return globs
}

/**
 * The configuration that the library loads.
 *
 * @param options.asked the name in the recipe's split (`large:train`); null without one
 * @returns undefined where it names none, or the library asks for a name
 */
export function chooseConfig(
  configs: readonly CardConfig[],
  { asked }: { asked: string | null },
): CardConfig | undefined {
  if (asked !== null) return configs.find(({ name }) => name === asked)
  const defaults = configs.filter(
    ({ name, isDefault }) => configs.length === 1 || isDefault || name === 'default',
  )
  return defaults.length === 1 ? defaults[0] : undefined
}

/**
 * The files of a configuration's splits. As the library does, it leaves out hidden files that no glob asks for.
 *
 * @param paths of all files
 * @returns null where a glob means something that is not known here, such as an address
 */
export function filesOfConfig(config: CardConfig, paths: readonly string[]): Splits | null {
  const { folder, globs } = config
  const prefix = folder === '' ? '' : `${folder}/`
  const inside = paths.flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []))
  const splits = globs === null ? readSplits(inside) : filesOfGlobs(globs, inside)
  return splits && new Map([...splits].map(([split, files]) => [split, files.map((path) => prefix + path)]))
}

function filesOfGlobs(
  globs: ReadonlyMap<string, readonly string[]>,
  paths: readonly string[],
): Map<string, string[]> | null {
  const splits = new Map<string, string[]>()
  const visible = paths.filter(isVisible)
  for (const [split, patterns] of globs) {
    const matchers = patterns.map(globMatcher)
    const known = matchers.filter((matches) => matches !== null)
    if (known.length < matchers.length) return null
    splits.set(
      split,
      visible.filter((path) => known.some((matches) => matches(path))),
    )
  }
  return splits
}
