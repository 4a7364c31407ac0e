import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a program is made of. */
export interface ProgramFiles {
  /** Its source files, the program itself first. */
  readonly files: string[]
  /** The packages that they import. */
  readonly packages: string[]
}

/**
 * Follows the imports of a program, those of types left out.
 *
 * @param program path of its source file
 */
export function programFiles(program: string): ProgramFiles {
  const files = new Set([program])
  const packages = new Set<string>()
  for (const file of files) {
    for (const name of importsOf(readFileSync(file, 'utf8'))) {
      const [packageName] = /^(?:@[^/]+\/)?[^/]+/.exec(name) ?? []
      if (name.startsWith('.')) files.add(join(dirname(file), name))
      else if (packageName !== undefined && !name.startsWith('node:')) packages.add(packageName)
    }
  }
  return { files: [...files], packages: [...packages] }
}

function importsOf(text: string): string[] {
  const statements = text.matchAll(/^(?:import|export) (?!type\b)(?:[^'"]*? from )?['"]([^'"]+)['"]/gm)
  const calls = text.matchAll(/\bimport\(['"]([^'"]+)['"]\)/g)
  return [...statements, ...calls].map(([, name = '']) => name)
}
