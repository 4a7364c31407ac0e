import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { downloadFile, listFiles } from '@huggingface/hub'
import { PNG } from 'pngjs'
import { SIDE } from '../model/classifier.ts'
import { PyError, repr } from '../python.ts'

/** One split of a dataset, decoded. */
export interface Split {
  /** Each decodes itself when it is first asked for, and throws what cannot be read. */
  pictures: (() => Float32Array)[]
  /** Class names, one per picture. */
  labels: string[]
}

/** Where a dataset's pictures come from, and how they are called there. */
export interface PictureSource {
  columns: { image: string; target: string | null }
  split(name: string): Promise<Split>
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

function decode(content: Uint8Array): Float32Array {
  let png: PNG
  try {
    png = PNG.sync.read(Buffer.from(content))
  } catch {
    if (SIGNATURE.equals(content.subarray(0, SIGNATURE.length))) {
      throw new PyError('OSError', 'image file is truncated')
    }
    const object = '<_io.BytesIO object at 0x7f045236ea70>'
    throw new PyError('PIL.UnidentifiedImageError', `cannot identify image file ${object}`)
  }
  const { width, height, data } = png
  return Float32Array.from({ length: SIDE * SIDE }, (_, index) => {
    const x = Math.floor(((index % SIDE) + 0.5) * (width / SIDE))
    const y = Math.floor((Math.floor(index / SIDE) + 0.5) * (height / SIDE))
    const at = (y * width + x) * 4
    return ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / (3 * 255)
  })
}

function picture(content: Uint8Array): () => Float32Array {
  let pixels: Float32Array | undefined
  return () => {
    pixels ??= decode(content)
    return pixels
  }
}

/** @returns pictures that were packed into the project's own folder */
export function packedPictures(folder: string): PictureSource {
  return {
    columns: { image: 'autotrain_image', target: 'autotrain_label' },
    async split(name) {
      // The packed folder has `train` and `validation`, however the splits were called before.
      if (!readdirSync(folder).includes(name)) throw new PyError('KeyError', repr(name))
      const split: Split = { pictures: [], labels: [] }
      for (const label of readdirSync(join(folder, name)).toSorted()) {
        for (const file of readdirSync(join(folder, name, label)).toSorted()) {
          split.pictures.push(picture(readFileSync(join(folder, name, label, file))))
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
    return picture(new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer()))
  }
  const columns: PictureSource['columns'] = { image: 'image', target: 'label' }
  return {
    columns,
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
      const isSplit = paths.some((path) => splitOf(path) !== undefined)
      const chosen = paths.filter((path) => (isSplit ? splitOf(path) : 'train') === wanted)
      if (chosen.length === 0) {
        const known = [...new Set(paths.map((path) => (isSplit ? splitOf(path) : 'train')))]
        throw new PyError(
          'ValueError',
          `Unknown split "${wanted}". Should be one of ${repr(known.filter(Boolean))}.`,
        )
      }
      // Where all pictures lie in one folder, `imagefolder` takes its name for no label at all.
      if (new Set(chosen.map((path) => path.split('/').at(-2))).size < 2) columns.target = null
      const split: Split = { pictures: [], labels: [] }
      for (let start = 0; start < chosen.length; start += 8) {
        const some = chosen.slice(start, start + 8)
        split.pictures.push(...(await Promise.all(some.map(read))))
        split.labels.push(...some.map((path) => path.split('/').at(-2) ?? ''))
      }
      return split
    },
  }
}
