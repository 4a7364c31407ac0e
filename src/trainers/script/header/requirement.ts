import { markerProblem } from './marker.ts'
import { readSpecifiers, specifierHint } from './specifiers.ts'

/** What one dependency says. */
export interface Requirement {
  readonly name: string
  /** Whether a version published tomorrow is kept out. */
  readonly isBounded: boolean
  /** Whether it is fetched with git. */
  readonly isGit: boolean
}

/** A dependency, or what is wrong with it and what to do, as the end of a sentence. */
export type RequirementReading =
  | { readonly isRead: true; readonly requirement: Requirement }
  | { readonly isRead: false; readonly problem: string }

/** Longer texts are no dependencies: it bounds the time that reading them takes. */
const maxLength = 2000

const nameAtStart = /^[A-Za-z0-9][A-Za-z0-9._-]*/
const scheme = /^(?:git\+)?[a-z][a-z0-9+.-]{1,20}:\/\//i
const extra = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/

const local =
  'is a path: nothing is installed from the repository, so list the package by its name, and import your own files from the list "files"'

/**
 * Reads one dependency: `name [extras] (specifiers | @ url)? (; marker)?`. Linear, never throws.
 * https://packaging.python.org/en/latest/specifications/dependency-specifiers/
 */
export function readRequirement(text: string): RequirementReading {
  const whole = text.trim()
  if (whole === '') return wrong('is empty: remove it')
  if (whole.length > maxLength) return wrong(`has more than ${maxLength} characters`)
  if (whole.startsWith('-')) return wrong('is an option of pip: list the packages themselves')
  if (/^(?:[./~\\]|[A-Za-z]:[\\/]|file:)/.test(whole)) return wrong(local)
  if (scheme.test(whole)) return wrong('has no name: write it as name @ URL')
  const [name] = nameAtStart.exec(whole) ?? []
  if (name === undefined) return wrong('does not begin with the name of a package')
  if (!extra.test(name)) return wrong('has a name that does not end in a letter or a digit')
  const extras = afterExtras(whole.slice(name.length).trimStart())
  if (typeof extras !== 'string') return extras
  if (extras === '' && /\.(?:whl|zip|tar\.gz)$/i.test(name)) return wrong(local)
  return extras.startsWith('@') ? readUrl(name, extras.slice(1).trim()) : readVersions(name, extras)
}

/** @returns what follows the extras, or what is wrong with them */
function afterExtras(rest: string): string | RequirementReading {
  if (!rest.startsWith('[')) return rest
  const end = rest.indexOf(']')
  if (end < 0) return wrong('lacks a ]')
  const inner = rest.slice(1, end).trim()
  const isValid = inner === '' || inner.split(',').every((one) => extra.test(one.trim()))
  return isValid ? rest.slice(end + 1).trimStart() : wrong('has extras in another form than [one,two]')
}

function readUrl(name: string, rest: string): RequirementReading {
  const [url = ''] = rest.split(/\s/, 1)
  if (url === '') return wrong('has no URL after @')
  if (!scheme.test(url) || /^file:/i.test(url)) return wrong(local)
  const after = rest.slice(url.length).trim()
  if (after !== '' && !after.startsWith(';')) return wrong(`has ${cut(after)} after its URL: remove it`)
  if (url.includes(';')) return wrong('needs a space before ;')
  const marker = after === '' ? null : markerProblem(after.slice(1))
  if (marker !== null) return wrong(`cannot be read: ${marker}`)
  const isGit = /^git\+/i.test(url)
  // The user of an address such as git+ssh://git@github.com/... is no revision.
  const path = (url.split('#', 1)[0] ?? '').slice(url.indexOf('://') + 3).replace(/^[^/]*/, '')
  return right({ name, isGit, isBounded: !isGit || path.includes('@') })
}

function readVersions(name: string, rest: string): RequirementReading {
  const at = rest.indexOf(';')
  const versions = (at < 0 ? rest : rest.slice(0, at)).trim()
  const marker = at < 0 ? null : markerProblem(rest.slice(at + 1))
  if (marker !== null) return wrong(`cannot be read: ${marker}`)
  if (versions === '') return right({ name, isGit: false, isBounded: false })
  if (versions.startsWith('(') && !versions.endsWith(')')) return wrong('lacks a )')
  const inner = versions.startsWith('(') ? versions.slice(1, -1) : versions
  const specifiers = readSpecifiers(inner)
  if (specifiers !== null) return right({ name, isGit: false, ...specifiers })
  const form = `write it as ${name}>=1.2,<2`
  return wrong(`cannot be read after its name: ${specifierHint(inner) ?? form}`)
}

function cut(text: string): string {
  return JSON.stringify(text.slice(0, 50).toWellFormed())
}

function right(requirement: Requirement): RequirementReading {
  return { isRead: true, requirement }
}

function wrong(problem: string): RequirementReading {
  return { isRead: false, problem }
}
