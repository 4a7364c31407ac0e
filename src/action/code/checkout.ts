import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import picomatch from 'picomatch'
import type { CodeFile } from '../../domain/plan/code.ts'
import { CodeProblem } from './code-problem.ts'

/** The files of the checkout. A link is never followed: it may lead out of the checkout. */
export interface Checkout {
  /** Whether there is anything of this name, a link too. */
  has(path: string): boolean
  /** @throws CodeProblem when there is no such file, or it is a link */
  read(path: string, key: 'script' | 'files'): Uint8Array
  /**
   * The files that globs match, in the order of their paths.
   *
   * @throws CodeProblem when a glob matches none, or they are too many or too large: then none is read
   */
  match(globs: readonly string[]): CodeFile[]
}

const maxFiles = 100
const maxMegabytes = 10

/** @throws CodeProblem when more would be shipped than may be */
export function checkSize({ files, bytes }: { files: number; bytes: number }): void {
  if (files > maxFiles) {
    throw new CodeProblem(
      `files: ${files} files would be shipped, and at most ${maxFiles} may be: name fewer.`,
    )
  }
  if (bytes > maxMegabytes * 1024 * 1024) {
    const megabytes = Math.ceil(bytes / 1024 / 1024)
    throw new CodeProblem(
      `files: ${megabytes} MB would be shipped, and at most ${maxMegabytes} MB may be: put data into the dataset.`,
    )
  }
}

/** A folder with more files is no folder of code. */
const maxListed = 50_000

/** @param root the folder of the checkout */
export function createCheckout(root: string): Checkout {
  const kindOf = (path: string): 'file' | 'link' | 'other' | 'nothing' => {
    const found = lstatSync(join(root, path), { throwIfNoEntry: false })
    if (found === undefined) return 'nothing'
    if (found.isSymbolicLink()) return 'link'
    return found.isFile() ? 'file' : 'other'
  }

  const read: Checkout['read'] = (path, key) => {
    const kind = kindOf(path)
    if (kind === 'nothing') {
      throw new CodeProblem(
        `${key}: the workspace has no file ${path}. Check the path, and put a step with actions/checkout before this one.`,
      )
    }
    if (kind === 'link' || !isBelow(root, path)) {
      throw new CodeProblem(`${key}: ${path} is a link or lies behind one: name the file itself.`)
    }
    if (kind === 'other') throw new CodeProblem(`${key}: ${path} is no file.`)
    return new Uint8Array(readFileSync(join(root, path)))
  }

  return {
    has: (path) => kindOf(path) !== 'nothing',
    read,
    match(globs) {
      const found = new Set<string>()
      for (const glob of globs) {
        if (glob.split('/').some((part) => /^\.[^.]/.test(part))) {
          throw new CodeProblem(
            `files: ${glob} names a dot file, and those are not shipped: they often hold secrets.`,
          )
        }
        const isMatch = picomatch(glob)
        const paths = list(root, picomatch.scan(glob).base).filter((path) => isMatch(path))
        if (paths.length === 0) {
          throw new CodeProblem(
            `files: ${glob} matches no file of the workspace. Check the pattern, and put a step with actions/checkout ` +
              'before this one.',
          )
        }
        for (const path of paths) found.add(path)
      }
      const bytes = [...found].reduce((sum, path) => sum + lstatSync(join(root, path)).size, 0)
      checkSize({ files: found.size, bytes })
      return [...found].toSorted().map((path) => ({ path, content: read(path, 'files') }))
    },
  }
}

function isBelow(root: string, path: string): boolean {
  const real = realpathSync(root)
  return realpathSync(join(root, path)).startsWith(`${real}${sep}`)
}

/** All files and links below a folder, without dot files, by their paths in the checkout. */
function list(root: string, base: string): string[] {
  const paths: string[] = []
  const visit = (folder: string) => {
    const entries = readFolder(join(root, folder))
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) visit(path)
      else paths.push(path)
      if (paths.length > maxListed) {
        throw new CodeProblem(
          `files: ${folder || 'the workspace'} has more than ${maxListed} files: name a folder.`,
        )
      }
    }
  }
  const isFile = lstatSync(join(root, base), { throwIfNoEntry: false })?.isDirectory() === false
  if (isFile) return [base]
  visit(base === '.' ? '' : base)
  return paths
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
