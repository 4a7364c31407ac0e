// Bundles the programs of lib/ (what tsc wrote) into the folder given as argument.
// Usage: node scripts/bundle.js dist
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const out = process.argv[2]
if (out === undefined) throw new Error('usage: node scripts/bundle.js OUT')

const programs = { index: '.', post: 'post', 'relay/adapters/node-start': 'relay' }

rmSync(out, { recursive: true, force: true })
for (const [program, folder] of Object.entries(programs)) {
  const entry = join('lib', `${program}.js`)
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run tsc -p . first`)
  execFileSync('ncc', ['build', entry, '-o', join(out, folder), '--quiet', '--no-cache'], {
    stdio: 'inherit',
  })
}
