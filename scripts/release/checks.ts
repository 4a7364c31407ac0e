/** What a release goes by. */
export interface ReleaseFacts {
  /** For example `v1.2.3`. */
  readonly tag: string
  /** `version` in package.json. */
  readonly version: string
  /** `version` in package-lock.json, of the file and of its root package. */
  readonly lockVersions: readonly (string | undefined)[]
  readonly changelog: string
  /** Texts by path of the files that a release must have no placeholder in. */
  readonly addressed: Readonly<Record<string, string>>
}

/** A version's section of CHANGELOG.md. */
interface Section {
  /** As it stands in the heading: a day such as 2026-11-26, or other text. */
  readonly date: string
  readonly text: string
}

/**
 * Finds what keeps a tag from being released.
 *
 * @returns sentences that say what is wrong and what to do; none for a tag that may be released
 */
export function releaseProblems({
  tag,
  version,
  lockVersions,
  changelog,
  addressed,
}: ReleaseFacts): string[] {
  if (!/^v\d+\.\d+\.\d+$/.test(tag)) return [`The tag is ${tag}: a release has a tag such as v1.2.3.`]
  const wanted = tag.slice(1)
  const section = sectionOf(changelog, wanted)
  return [
    ...(version === wanted
      ? []
      : [`package.json has the version ${version}: set it to ${wanted}, or tag v${version}.`]),
    ...(lockVersions.every((found) => found === version)
      ? []
      : ['package-lock.json has another version than package.json: run npm install --package-lock-only.']),
    ...changelogProblems(section, wanted),
    ...Object.entries(addressed).flatMap(([path, text]) =>
      text.includes('OWNER')
        ? [`${path} still has the placeholder OWNER: put the owner of this repository there.`]
        : [],
    ),
  ]
}

function changelogProblems(section: Section | null, version: string): string[] {
  if (section === null) return [`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD": write it.`]
  if (!/^\d{4}-\d{2}-\d{2}$/.test(section.date)) {
    return [
      `The section ${version} of CHANGELOG.md has the date "${section.date}": set it to the day of the release.`,
    ]
  }
  return section.text === '' ? [`The section ${version} of CHANGELOG.md is empty: write what changed.`] : []
}

/** The notes of a version, from its section of CHANGELOG.md; empty without one. */
export function releaseNotes(changelog: string, version: string): string {
  return sectionOf(changelog, version)?.text ?? ''
}

function sectionOf(changelog: string, version: string): Section | null {
  const lines = changelog.split('\n')
  const heading = `## [${version}]`
  const at = lines.findIndex((line) => line.startsWith(heading))
  if (at === -1) return null
  const rest = lines.slice(at + 1)
  // The next version, or the links at the end of the file.
  const end = rest.findIndex((line) => line.startsWith('## ') || /^\[[^\]]+\]: /.test(line))
  return {
    date: (lines[at] ?? '').slice(heading.length).replace(/^ - /, '').trim(),
    text: (end === -1 ? rest : rest.slice(0, end)).join('\n').trim(),
  }
}
