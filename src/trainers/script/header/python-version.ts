import { satisfies, validRange } from '@renovatebot/pep440'
import { specifierHint } from './specifiers.ts'
import { shown } from './toml-value.ts'

/** Longer texts are no versions: it bounds the time that reading them takes. */
const maxLength = 200

/** No Python has had more patches. */
const patches = Array.from({ length: 50 }, (_, patch) => patch)

/**
 * Says what is wrong with the text of `requires-python`.
 *
 * @returns the end of a sentence; null when nothing is
 */
export function requiresPythonProblem(text: string): string | null {
  const isValid = text.length <= maxLength && validRange(text)
  if (isValid) return null
  return `requires-python is ${shown(text)}, which is not a set of versions: ${specifierHint(text) ?? 'write it as ">=3.11"'}`
}

/**
 * The version of Python that an image has by its name, such as `3.12`: the official images of uv and Python say it.
 *
 * @returns null for an image whose name does not say
 */
export function pythonOfImage(image: string): string | null {
  const [name = ''] = image.split('@')
  const base = name.slice(name.lastIndexOf('/') + 1)
  const [repository = '', tag = ''] = base.split(':')
  const inTag = /(?:^|[-_.])(?:python|py)(\d\.\d{1,2}(?:\.\d{1,2})?)(?=$|[-_])/.exec(tag)?.[1]
  if (inTag !== undefined) return inTag
  return repository === 'python' ? (/^(\d\.\d{1,2}(?:\.\d{1,2})?)(?=$|[-_])/.exec(tag)?.[1] ?? null) : null
}

/**
 * The version of uv that an image has by its name, such as `0.13.9`.
 *
 * @returns null for another image than uv's own, and for a tag without a whole version
 */
export function uvOfImage(image: string): string | null {
  return /(?:^|\/)uv:(\d{1,4}\.\d{1,4}\.\d{1,4})(?=$|[-@])/.exec(image)?.[1] ?? null
}

/** Whether a Python fits a script. `patch`: it depends on the patch version, which is not known. */
export type PythonFit = 'fits' | 'misfits' | 'patch' | 'unknown'

/**
 * Compares a version of Python with what a script requires.
 *
 * @param options.python `3.12` or `3.12.4`; other requests of uv, such as `>=3.11` or `pypy`, are `unknown`
 */
export function fitsPython({ python, requires }: { python: string; requires: string }): PythonFit {
  if (/^\d+\.\d+\.\d+$/.test(python)) return satisfies(python, requires) ? 'fits' : 'misfits'
  if (!/^\d+\.\d+$/.test(python)) return 'unknown'
  const fitting = patches.filter((patch) => satisfies(`${python}.${patch}`, requires))
  if (fitting.length === 0) return 'misfits'
  // An image has the newest patch, unless its tag names one.
  return fitting.at(-1) === patches.at(-1) ? 'fits' : 'patch'
}
