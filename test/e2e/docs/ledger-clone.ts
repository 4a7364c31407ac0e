import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gitStore } from '../../sandbox/github/git-store.ts'
import { names, type World } from '../../sandbox/world.ts'

/** A real clone of a real repository that has the ledger of a sandbox GitHub. */
export interface LedgerClone {
  /** Runs the lines of a page in the clone, and returns what they print. @throws Error when one of them fails */
  run(lines: string): string
  /** The refs of the ledger in the repository that was cloned. */
  refs(): string[]
  remove(): void
}

const person = ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com']

/** Writes the ledger's tags into a repository on disk, and clones it. */
export function cloneLedger({ github }: Pick<World, 'github'>): LedgerClone {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-clone-'))
  const origin = join(folder, 'origin.git')
  const clone = join(folder, 'clone')
  const git = (args: string[], input = '') =>
    execFileSync('git', [...person, ...args], { cwd: folder, input, encoding: 'utf8' }).trim()
  git(['init', '--quiet', '--bare', '--initial-branch=main', origin])
  const tree = git(['-C', origin, 'hash-object', '-t', 'tree', '-w', '--stdin'])
  const commit = git(['-C', origin, 'commit-tree', tree, '-m', 'First'])
  const repository = github.repositories.find(({ name }) => name === names.repository)
  if (repository === undefined) throw new Error('The world has no repository for the workflow.')
  const { refs, tags } = gitStore(repository)
  const updates = [`create refs/heads/main ${commit}`]
  for (const [ref, sha] of refs) {
    const tag = tags.get(sha)
    if (!ref.startsWith('refs/auto-retrain/') || tag === undefined) continue
    const { name, email, date } = tag.tagger
    const head = `object ${commit}\ntype commit\ntag ${tag.tag}\ntagger ${name} <${email}>`
    const text = `${head} ${Date.parse(date) / 1000} +0000\n\n${tag.message}`
    updates.push(`create ${ref} ${git(['-C', origin, 'hash-object', '-t', 'tag', '-w', '--stdin'], text)}`)
  }
  git(['-C', origin, 'update-ref', '--stdin'], `${updates.join('\n')}\n`)
  git(['clone', '--quiet', origin, clone])
  return {
    run: (lines) =>
      execFileSync('bash', ['-e', '-o', 'pipefail', '-c', lines], {
        cwd: clone,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    refs: () => git(['-C', origin, 'for-each-ref', '--format=%(refname)', 'refs/auto-retrain']).split('\n'),
    remove: () => rmSync(folder, { recursive: true }),
  }
}
