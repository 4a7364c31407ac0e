import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A module of the bundle, with the modules that webpack merged into it. */
interface BundledModule {
  readonly nameForCondition?: string | null
  readonly modules?: readonly BundledModule[]
}

/** What `ncc build --stats-out` writes. https://webpack.js.org/api/stats/ */
export interface BundleStats {
  readonly modules: readonly BundledModule[]
}

/** The licences under which a package may be bundled: all of them ask for no more than their text. */
const allowed = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0']

const separator = `\n${'-'.repeat(80)}\n\n`

/**
 * The packages with at least one module in a bundle.
 *
 * @returns their paths in package-lock.json, such as `node_modules/zod`, sorted
 */
export function bundledPackages({ modules }: BundleStats): string[] {
  const paths = flatten(modules).flatMap((file) => {
    const [path] = /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(file) ?? []
    return path === undefined ? [] : [path]
  })
  return [...new Set(paths)].sort()
}

function flatten(modules: readonly BundledModule[]): string[] {
  return modules.flatMap(({ nameForCondition, modules: merged = [] }) => [
    nameForCondition ?? '',
    ...flatten(merged),
  ])
}

/**
 * The name, version and licence of each package, with the text of its licence.
 *
 * @param options.packages paths in package-lock.json
 * @param options.root the folder of package-lock.json, node_modules and LICENSE
 * @throws Error for a package that is not in the lock file or not installed as locked, and for a licence that
 *   is not allowed or has no text
 */
export function licencesOf(options: { packages: readonly string[]; root: string }): string {
  const { packages, root } = options
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; license?: string }>
  }
  const sections = packages.map((path) => {
    const { version, license } = lock.packages[path] ?? {}
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const installed = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
    if (version === undefined || version !== installed.version) {
      throw new Error(
        `${path} is ${installed.version}, and package-lock.json has ${version ?? 'no such package'}: run npm ci.`,
      )
    }
    if (license === undefined || !allowed.includes(license)) {
      throw new Error(
        `${name} ${version} has the licence ${license ?? 'unknown'}; a bundled package has one of ${allowed.join(', ')}.`,
      )
    }
    return `${name} ${version} (${license})\n\n${licenceText({ root, path, license })}\n`
  })
  return sections.join(separator)
}

function licenceText(options: { root: string; path: string; license: string }): string {
  const { root, path, license } = options
  const read = (file: string) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim()
  const files = readdirSync(join(root, path)).filter((file) => /^(?:licen[cs]e|copying|notice)\b/i.test(file))
  if (files.length > 0) {
    return files
      .sort()
      .map((file) => read(join(root, path, file)))
      .join('\n\n')
  }
  const readme = readdirSync(join(root, path)).find((file) => /^readme\b/i.test(file))
  const section = readme === undefined ? '' : licenceSection(read(join(root, path, readme)))
  if (/^Permission is hereby granted/m.test(section)) return section
  if (license !== 'MIT') throw new Error(`${path} has no licence file: add the text of ${license} here.`)
  const ownText = read(join(root, 'LICENSE'))
  const terms = ownText.slice(ownText.indexOf('Permission is hereby granted'))
  return `The package has no licence file; its package.json names the MIT License.\n\n${terms}`
}

/** What stands under the heading "License" of a README, up to the next heading or link target. */
function licenceSection(readme: string): string {
  const [, section = ''] = /^(?:#+ *)?licen[cs]e *\n(?:-+\n)?(.*?)(?=^[#[]|(?![\s\S]))/ims.exec(readme) ?? []
  return section.trim()
}
