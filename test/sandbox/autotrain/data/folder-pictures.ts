import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PyError } from '../python.ts'
import { chooseSplit, decode, type PictureSource } from './pictures.ts'

/**
 * Pictures of a folder with class folders, which `load_dataset` reads just as it reads the Hub.
 *
 * @param folder with one folder per class at any one depth
 */
export function folderPictures(folder: string): PictureSource {
  return {
    columns: { image: 'image', target: 'label' },
    split: (name) => {
      const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
        /\.(png|jpe?g)$/i.test(path),
      )
      const chosen = chooseSplit(paths.toSorted(), name)
      if (chosen.length === 0) throw new PyError('ValueError', `Unknown split "${name}".`)
      return Promise.resolve({
        pixels: chosen.map((path) => decode(readFileSync(join(folder, path)), path)),
        labels: chosen.map((path) => path.split('/').at(-2) ?? ''),
      })
    },
  }
}
