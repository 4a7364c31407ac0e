import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chooseSplit, hasClasses, type PictureSource, picture } from './pictures.ts'

/**
 * Pictures of a folder with class folders, which `load_dataset` reads just as it reads the Hub.
 *
 * @param folder with one folder per class at any one depth
 */
export function folderPictures(folder: string): PictureSource {
  const columns: PictureSource['columns'] = { image: 'image', target: 'label' }
  return {
    columns,
    split: (name) => {
      const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
        /\.(png|jpe?g)$/i.test(path),
      )
      const chosen = chooseSplit(paths.toSorted(), name)
      if (!hasClasses(chosen)) columns.target = null
      return Promise.resolve({
        pictures: chosen.map((path) => picture(readFileSync(join(folder, path)))),
        labels: chosen.map((path) => path.split('/').at(-2) ?? ''),
      })
    },
  }
}
