import { satisfies } from '@renovatebot/pep440'
import { parse } from 'smol-toml'
import * as z from 'zod/mini'
import { specifierOf } from './script-header.ts'
import { UvError } from './uv-error.ts'

const lockSchema = z.object({
  manifest: z.optional(
    z.object({
      requirements: z.optional(z.array(z.object({ name: z.string(), specifier: z.optional(z.string()) }))),
    }),
  ),
  package: z.optional(z.array(z.unknown())),
})

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
const nameOf = (dependency: string) =>
  (/^[\w.-]*/.exec(dependency.trim())?.[0] ?? '').toLowerCase().replaceAll(/[-_.]+/g, '-')

const wanted = (name: string, specifier: string) => `${name}${specifier.replaceAll(' ', '')}`

function unsatisfiable(because: string): UvError {
  return new UvError(
    1,
    'error: No solution found when resolving script dependencies',
    `  cause: Because ${because}, we can conclude that your requirements are unsatisfiable.`,
  )
}

/** A registry of the Job's own, if it names one, is really asked: one that does not answer fails the Job. */
async function askRegistry(index: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const url = `${index.replace(/\/$/, '')}/${name}/`
    try {
      await fetch(url, { method: 'HEAD' })
    } catch {
      throw new UvError(
        2,
        'error: Request failed after 3 retries in 9.3s',
        `  cause: Failed to fetch: ${url}`,
        `  cause: error sending request for url (${url})`,
      )
    }
  }
}

/** @returns two dependencies on one package of which no version does both, as far as a pin shows it */
function contradiction(dependencies: readonly string[]): readonly string[] | undefined {
  for (const pinned of dependencies) {
    const version = /^==\s*([\w.]+)$/.exec(specifierOf(pinned) ?? '')?.[1]
    const other = dependencies.find((each) => {
      const range = specifierOf(each) ?? ''
      return (
        version !== undefined && nameOf(each) === nameOf(pinned) && range !== '' && !satisfies(version, range)
      )
    })
    if (other !== undefined) return [pinned, other]
  }
  return undefined
}

/**
 * @param text of a lock file
 * @param dependencies of the script's header
 * @returns how many packages it locks, and whether it was made for these dependencies
 */
export function readLock(
  text: string,
  dependencies: readonly string[],
): { packages: number; isFresh: boolean } {
  const { manifest, package: packages = [] } = lockSchema.parse(parse(text))
  const locked = (manifest?.requirements ?? []).map(({ name, specifier = '' }) => wanted(name, specifier))
  const asked = dependencies.map((each) => wanted(nameOf(each), specifierOf(each) ?? ''))
  return {
    packages: packages.length,
    isFresh: locked.toSorted().join('\n') === asked.toSorted().join('\n'),
  }
}

/**
 * Stands for the search for versions. Every package is there, but those whose names end in `-that-does-not-exist`.
 *
 * @param dependencies as headers and `--with` write them
 * @param index the Job's own registry, if its environment names one
 * @returns how many packages are installed: only those that are named, since nothing is downloaded
 */
export async function resolve(dependencies: readonly string[], index: string | undefined): Promise<number> {
  const names = [...new Set(dependencies.map(nameOf))]
  if (index !== undefined) await askRegistry(index, names)
  const missing = names.find((name) => name.endsWith('-that-does-not-exist'))
  if (missing !== undefined) {
    throw unsatisfiable(`${missing} was not found in the package registry and you require ${missing}`)
  }
  const both = contradiction(dependencies)
  if (both !== undefined) throw unsatisfiable(`you require ${both.join(' and ')}`)
  return names.length
}
