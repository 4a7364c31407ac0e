// Checks that a tag may be released, and prints the notes of its version: node scripts/release.ts v1.2.3
// It needs no installed package: the job that can write to the repository runs it too.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { releaseNotes, releaseProblems } from './release/checks.ts'

const [tag = '', root = '.'] = process.argv.slice(2)
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const addressed = ['.github/CODEOWNERS', '.github/ISSUE_TEMPLATE/config.yml'].filter((file) =>
  existsSync(join(root, file)),
)

const { version } = JSON.parse(read('package.json')) as { version: string }
const lock = JSON.parse(read('package-lock.json')) as {
  version?: string
  packages?: Record<string, { version?: string }>
}
const changelog = read('CHANGELOG.md')
const problems = releaseProblems({
  tag,
  version,
  lockVersions: [lock.version, lock.packages?.['']?.version],
  changelog,
  addressed: Object.fromEntries(addressed.map((file) => [file, read(file)])),
})
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(releaseNotes(changelog, version))
