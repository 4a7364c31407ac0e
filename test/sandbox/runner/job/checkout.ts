import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Puts a repository's files into a folder, as `actions/checkout` does: the files git knows or would add, as they
 * are on disk; without git, all but `node_modules`.
 *
 * @param options.from the repository's folder
 * @param options.into the workspace
 * @param options.files text by path, put over what was copied
 */
export async function checkOut(options: {
  from: string
  into: string
  files: Record<string, string>
}): Promise<void> {
  const { from, into } = options
  if (existsSync(join(from, '.git'))) {
    for (const path of await gitFiles(from)) copyOver(join(from, path), join(into, path))
  } else {
    const filter = (path: string) => !/(^|\/)(node_modules|\.git)$/.test(path.slice(from.length))
    cpSync(from, into, { recursive: true, filter, verbatimSymlinks: true })
  }
  for (const [path, text] of Object.entries(options.files)) {
    mkdirSync(dirname(join(into, path)), { recursive: true })
    writeFileSync(join(into, path), text)
  }
}

async function gitFiles(folder: string): Promise<string[]> {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await run('git', ['-c', 'safe.directory=*', ...list], options)
  return stdout.split('\0').filter((path) => path !== '')
}

function copyOver(from: string, to: string): void {
  if (!existsSync(from)) return
  mkdirSync(dirname(to), { recursive: true })
  if (lstatSync(from).isFile()) copyFileSync(from, to)
  else cpSync(from, to, { recursive: true, verbatimSymlinks: true })
}
