// Bundles the programs of lib/ (what tsc wrote) into the folder given as argument, each with the licences of the
// packages in it.
// Usage: node scripts/bundle.js dist
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledPackages, licencesOf } from './licences.ts'

const out = process.argv[2]
if (out === undefined) throw new Error('usage: node scripts/bundle.js OUT')

const programs = { index: '.', 'relay/adapters/node-start': 'relay' }

// The action's `post` is the same bundle as its `main`. A state that `main` saves cannot tell them apart: a step that
// is killed before it has saved anything would run again, as `main`, in a job that was cancelled.
const post = `process.env.STATE_isPost = 'true'
await import('./index.js')
`

rmSync(out, { recursive: true, force: true })
for (const [program, folder] of Object.entries(programs)) {
  const entry = join('lib', `${program}.js`)
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run tsc -p . first`)
  bundle(entry, join(out, folder))
}

/**
 * @param {string} entry
 * @param {string} folder
 */
function bundle(entry, folder) {
  const temporary = mkdtempSync(join(tmpdir(), 'bundle-'))
  const stats = join(temporary, 'stats.json')
  try {
    execFileSync('ncc', ['build', entry, '-o', folder, '--quiet', '--no-cache', '--stats-out', stats], {
      stdio: 'inherit',
    })
    const packages = bundledPackages(JSON.parse(readFileSync(stats, 'utf8')))
    writeFileSync(join(folder, 'licenses.txt'), licencesOf({ packages, root: '.' }))
  } finally {
    rmSync(temporary, { recursive: true })
  }
}
writeFileSync(join(out, 'post.js'), post)
