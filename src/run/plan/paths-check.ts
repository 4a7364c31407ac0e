import { closestMatch } from 'leven'
import type { FileVersion } from '../../domain/data.ts'
import type { Check } from '../../domain/plan/checks.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { cutText } from '../../domain/text/cut.ts'
import { formatCount } from '../../domain/text/format.ts'
import { recipeKeys } from '../../recipe/keys.ts'
import { globRule } from '../../recipe/paths.ts'

/**
 * Checks whether the globs of `paths` and `paths-ignore` match a file. One of `paths` that matches none starts no
 * training, and warns. One that excludes may be about files that are still to come: it warns where a name in the
 * dataset is nearly the same.
 *
 * @param options.files of the revision
 * @param options.namesFiles whether names of the dataset may be shown
 * @returns nothing where the recipe has no globs of its own
 */
export function pathsCheck(
  { paths, pathsIgnore }: Pick<Recipe, 'paths' | 'pathsIgnore'>,
  { files, namesFiles }: { files: readonly FileVersion[]; namesFiles: boolean },
): Check[] {
  const usual = recipeKeys.pathsIgnore.fallback ?? []
  const ignored = pathsIgnore.filter((glob) => !usual.includes(glob))
  if (paths.length + ignored.length === 0) return []
  const idle = (globs: readonly string[]) => {
    return globs.filter((glob) => {
      const matches = globRule(glob)
      return !files.some(({ path }) => matches(path))
    })
  }
  const names = namesOf(files)
  const unmatched = [
    ...idle(paths).map((glob) => ({ key: 'paths', glob, near: nearName(glob, names) })),
    ...idle(ignored).map((glob) => ({ key: 'paths-ignore', glob, near: nearName(glob, names) })),
  ]
  const wrong = unmatched.filter(
    ({ key, glob, near }) => (key === 'paths' && !glob.startsWith('!')) || near !== null,
  )
  const check = { id: 'paths', title: 'The patterns of paths and paths-ignore match files' }
  const found =
    unmatched.length === 0
      ? 'yes'
      : `${unmatched.map(({ glob }) => cutText(glob, 100)).join(', ')} ${unmatched.length === 1 ? 'matches' : 'match'} none of ${formatCount(files.length, 'file')}`
  if (wrong.length === 0) return [{ ...check, found, verdict: 'passed', advice: null }]
  const advice = wrong
    .map(({ key, glob, near }) => {
      const meant = near === null || !namesFiles ? 'check its spelling' : `did you mean ${near}?`
      return `${key}: ${cutText(glob, 100)} matches no file of this revision: ${meant}`
    })
    .join('; ')
  return [{ ...check, found, verdict: 'warned', advice: /[?]$/.test(advice) ? advice : `${advice}.` }]
}

/** The first folders and the files beside them. More than these are not looked at for a near name. */
function namesOf(files: readonly FileVersion[]): string[] {
  const names = new Set<string>()
  for (const { path } of files) {
    const [first = ''] = path.split('/', 1)
    names.add(first === path ? path : `${first}/`)
    if (names.size >= maxNames) break
  }
  return [...names]
}

const maxNames = 1000

/** A name of the dataset that a glob's first part nearly is: another case, a missing letter, or a word for another. */
function nearName(glob: string, names: readonly string[]): string | null {
  const [first = ''] = glob.replace(/^!/, '').split('/', 1)
  if (/[*?[\]{}()]/.test(first) || first.length < 3) return null
  const plain = (name: string) => name.replace(/\/$/, '').toLowerCase().normalize('NFC')
  if (names.some((name) => name.replace(/\/$/, '') === first)) return null
  const wanted = plain(first)
  const nearest = closestMatch(wanted, names.map(plain), {
    maxDistance: first.length < 5 ? 1 : 2,
  })
  return names.find((name) => plain(name) === nearest) ?? null
}
