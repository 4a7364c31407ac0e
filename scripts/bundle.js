// Bundles the programs of lib/ (what tsc wrote) into the folder given as argument.
// Usage: node scripts/bundle.js dist
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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
  execFileSync('ncc', ['build', entry, '-o', join(out, folder), '--quiet', '--no-cache'], {
    stdio: 'inherit',
  })
}
writeFileSync(join(out, 'post.js'), post)
