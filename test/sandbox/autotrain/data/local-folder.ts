import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../../seeded-random.ts'
import { PyError } from '../python.ts'
import { shuffled } from './shuffled.ts'

const ENDINGS = ['jpeg', 'png', 'jpg', 'JPG', 'JPEG', 'PNG']

const hasEnding = (name: string, endings: readonly string[]) =>
  endings.some((ending) => name.endsWith(ending))

function foldersIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
}

function checkClasses(path: string): void {
  const folders = foldersIn(path)
  if (folders.length < 2) throw new PyError('ValueError', `${path} should contain at least 2 subfolders.`)
  for (const folder of folders) {
    const names = readdirSync(join(path, folder))
    const images = names.filter((name) => hasEnding(name, ENDINGS))
    const where = join(path, folder)
    if (images.length < 5)
      throw new PyError('ValueError', `${where} should contain at least 5 jpeg, png or jpg files.`)
    if (images.length !== names.length) {
      throw new PyError('ValueError', `${where} should not contain any other files except image files.`)
    }
  }
}

function checkSame(train: string, valid: string): void {
  if (!existsSync(valid)) throw new PyError('ValueError', `${valid} does not exist.`)
  if (foldersIn(train).join('/') !== foldersIn(valid).join('/')) {
    throw new PyError('ValueError', `${valid} should have the same subfolders as ${train}.`)
  }
  checkClasses(valid)
}

/** A fifth of each class goes to validation, always with the same seed. */
function splitClass(names: readonly string[], seed: number): { train: string[]; validation: string[] } {
  const mixed = shuffled(names, seededRandom(seed))
  const count = Math.max(1, Math.round(names.length * 0.2))
  return { train: mixed.slice(count).toSorted(), validation: mixed.slice(0, count).toSorted() }
}

function countPacked(target: string): { train: number; validation: number } {
  const count = (split: string) =>
    foldersIn(join(target, split)).reduce(
      (sum, folder) => sum + readdirSync(join(target, split, folder)).length,
      0,
    )
  return { train: count('train'), validation: count('validation') }
}

/** @returns whether a path is a folder */
export const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory()

/**
 * Packs class folders into the project's own data folder.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/preprocessor/vision.py
 *
 * @param options `train` and `valid`: folders with one folder per class; `target`: where to
 * @returns how many pictures each split got; throws the error that ends the program when it refuses the folders
 */
export function packFolders(options: { train: string; valid: string | null; target: string }): {
  train: number
  validation: number
} {
  const { train, valid, target } = options
  checkClasses(train)
  if (valid !== null) {
    checkSame(train, valid)
    cpSync(train, join(target, 'train'), { recursive: true })
    cpSync(valid, join(target, 'validation'), { recursive: true })
    return countPacked(target)
  }
  for (const folder of foldersIn(train)) {
    // Upper-case endings pass the check above and are lost here, as in the original.
    const names = readdirSync(join(train, folder)).filter((name) => hasEnding(name, ['jpeg', 'png', 'jpg']))
    for (const [split, chosen] of Object.entries(splitClass(names.toSorted(), 42))) {
      mkdirSync(join(target, split, folder), { recursive: true })
      for (const name of chosen) cpSync(join(train, folder, name), join(target, split, folder, name))
    }
  }
  return countPacked(target)
}
