import { formatCount, inWords } from '../../../domain/text/format.ts'
import { asSentence } from '../sentence.ts'
import type { ScriptHeader } from './header.ts'
import { type Requirement, readRequirement } from './requirement.ts'
import { shown } from './toml-value.ts'

/** What is known before money about the packages of a script. */
export interface DependencyReview {
  /** In a few words, such as "4 packages, 1 of them bounded". */
  readonly found: string
  /** One sentence for each thing that stops the Job: what is wrong, then what to do. */
  readonly problems: readonly string[]
  /** At most one; null when none. */
  readonly warning: string | null
}

/** What `reviewDependencies` goes by. */
export interface DependencyOptions {
  /** The script's path, for messages. */
  readonly script: string
  readonly header: ScriptHeader
  /** The recipe's `with`. */
  readonly packages: readonly string[]
  readonly image: string
  readonly hasLock: boolean
  /** The Job's environment: `UV_EXCLUDE_NEWER` bounds every package. */
  readonly environment: Readonly<Record<string, string>>
}

/** The official images of uv and Python have git, except the small ones. */
const withoutGit = /(?:^|[-_.:])(?:slim|alpine|distroless)/

/** Reads the packages of the header and of the recipe's `with`. */
export function reviewDependencies(options: DependencyOptions): DependencyReview {
  const { script, header, packages, image } = options
  const all = [
    ...header.dependencies.map((text) => ({ text, from: `${script}: the dependency` })),
    ...packages.map((text) => ({ text, from: 'with:' })),
  ].map((one) => ({ ...one, reading: readRequirement(one.text) }))
  const problems = all.flatMap(({ text, from, reading }) =>
    reading.isRead ? [] : [asSentence(`${from} ${shown(text)} ${reading.problem}`)],
  )
  const read = all.flatMap(({ reading }) => (reading.isRead ? [reading.requirement] : []))
  const git = [...read.filter(({ isGit }) => isGit).map(({ name }) => name), ...header.uv.gitSources]
  const hasGit = !withoutGit.test(image.slice(image.lastIndexOf('/') + 1))
  if (git.length > 0 && !hasGit) {
    problems.push(
      `${script}: ${inWords(git.slice(0, 5).map(shown))} must be fetched with git, which the image ${image} does not have: use an image without slim or alpine in its name, or a release of the package.`,
    )
  }
  const paths = header.uv.localSources
  if (paths.length > 0) {
    problems.push(
      `${script}: [tool.uv.sources] has a path for ${inWords(paths.slice(0, 5).map(shown))}: nothing is installed from the repository, so use a release or a git URL, and import your own files from the list "files".`,
    )
  }
  const bounded = read.filter(({ isBounded }) => isBounded).length
  return { found: describe(read, bounded, options), problems, warning: boundsWarning(read, bounded, options) }
}

function describe(read: readonly Requirement[], bounded: number, options: DependencyOptions): string {
  if (read.length === 0) return 'no packages'
  const packages = formatCount(read.length, 'package')
  if (options.hasLock) return `${packages}, locked`
  const newer = excludeNewer(options)
  return newer === null
    ? `${packages}, ${bounded} with an upper bound`
    : `${packages}, none newer than ${newer}`
}

function boundsWarning(
  read: readonly Requirement[],
  bounded: number,
  options: DependencyOptions,
): string | null {
  if (read.length === 0 || bounded > 0 || options.hasLock || excludeNewer(options) !== null) return null
  const { script } = options
  return (
    `${script}: no package is locked or has an upper bound, so the same script may train otherwise tomorrow, or fail: run ` +
    `uv lock --script ${script} and commit ${script}.lock, or set exclude-newer under [tool.uv] in its header.`
  )
}

function excludeNewer({ header, environment }: DependencyOptions): string | null {
  return header.uv.excludeNewer ?? environment.UV_EXCLUDE_NEWER ?? null
}
