import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { downloadFile, listFiles } from '@huggingface/hub'
import { PNG } from 'pngjs'
import { SIDE } from '../model/classifier.ts'
import { PyError, repr } from '../python.ts'

/** One split of a dataset, decoded. */
export interface Split {
  pixels: Float32Array[]
  /** Class names, one per picture. */
  labels: string[]
}

/** Where a dataset's pictures come from, and how they are called there. */
export interface PictureSource {
  columns: { image: string; target: string }
  split(name: string): Promise<Split>
}

/** @returns the brightness of a picture, in a fixed number of pixels */
export function decode(content: Uint8Array, name: string): Float32Array {
  let png: PNG
  try {
    png = PNG.sync.read(Buffer.from(content))
  } catch {
    throw new PyError('PIL.UnidentifiedImageError', `cannot identify image file '${name}'`)
  }
  const { width, height, data } = png
  return Float32Array.from({ length: SIDE * SIDE }, (_, index) => {
    const x = Math.floor(((index % SIDE) + 0.5) * (width / SIDE))
    const y = Math.floor((Math.floor(index / SIDE) + 0.5) * (height / SIDE))
    const at = (y * width + x) * 4
    return ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / (3 * 255)
  })
}

/** @returns pictures that were packed into the project's own folder */
export function packedPictures(folder: string): PictureSource {
  return {
    columns: { image: 'autotrain_image', target: 'autotrain_label' },
    async split(name) {
      // The packed folder has `train` and `validation`, however the splits were called before.
      if (!readdirSync(folder).includes(name)) throw new PyError('KeyError', repr(name))
      const split: Split = { pixels: [], labels: [] }
      for (const label of readdirSync(join(folder, name)).toSorted()) {
        for (const file of readdirSync(join(folder, name, label)).toSorted()) {
          split.pixels.push(decode(readFileSync(join(folder, name, label, file)), file))
          split.labels.push(label)
        }
      }
      return split
    },
  }
}

/** Names of folders that mean a split: https://huggingface.co/docs/hub/datasets-file-names-and-splits */
const SPLITS: Readonly<Record<string, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
}

function splitOf(path: string): string | undefined {
  const folders = path.split('/').slice(0, -1)
  return Object.keys(SPLITS).find((name) => folders.some((folder) => SPLITS[name]?.includes(folder)))
}

/** @returns the paths of a split: all are of `train` where no folder means a split */
export function chooseSplit(paths: readonly string[], wanted: string): string[] {
  const isSplit = paths.some((path) => splitOf(path) !== undefined)
  return paths.filter((path) => (isSplit ? splitOf(path) : 'train') === wanted)
}

/**
 * Pictures of a dataset on the Hub, always as its `main` is now: `load_dataset` is given no revision.
 *
 * @param options the Hub, the token if any, and the dataset's id
 */
export function hubPictures(options: {
  hubUrl: string
  token: string | null
  dataset: string
}): PictureSource {
  const { hubUrl, token, dataset } = options
  const client = {
    hubUrl,
    repo: { type: 'dataset', name: dataset } as const,
    ...(token !== null && { accessToken: token }),
  }
  const read = async (path: string) => {
    const blob = await downloadFile({ ...client, path: path.split('/').map(encodeURIComponent).join('/') })
    return decode(new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer()), path)
  }
  return {
    columns: { image: 'image', target: 'label' },
    async split(name) {
      const wanted = name.split(':').at(-1) ?? name
      const paths: string[] = []
      try {
        for await (const { path, type } of listFiles({ ...client, recursive: true })) {
          if (type === 'file' && /\.(png|jpe?g)$/i.test(path)) paths.push(path)
        }
      } catch (error) {
        const message = `Dataset '${dataset}' doesn't exist on the Hub or cannot be accessed: ${(error as Error).message}`
        throw new PyError('datasets.exceptions.DatasetNotFoundError', message)
      }
      const chosen = chooseSplit(paths, wanted)
      if (chosen.length === 0) throw new PyError('ValueError', `Unknown split "${wanted}".`)
      const split: Split = { pixels: [], labels: [] }
      for (let start = 0; start < chosen.length; start += 8) {
        const some = chosen.slice(start, start + 8)
        split.pixels.push(...(await Promise.all(some.map(read))))
        split.labels.push(...some.map((path) => path.split('/').at(-2) ?? ''))
      }
      return split
    },
  }
}
