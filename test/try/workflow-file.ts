import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LineCounter, parseDocument } from 'yaml'
import { decodeText } from '../../src/domain/text/decode.ts'
import { TryError } from './try-error.ts'

/** This repository: its action is the one that runs. */
export const ownRoot = realpathSync(fileURLToPath(new URL('../..', import.meta.url)))

/** A step as it is written. Only the keys that matter here are named. */
export interface WrittenStep {
  id?: string
  run?: unknown
  uses?: unknown
  with?: Record<string, unknown>
  [key: string]: unknown
}

/** A workflow file, parsed and not yet checked by GitHub's rules. */
export interface WrittenWorkflow {
  /** The file's name without its folder. */
  readonly name: string
  /** As the user wrote it. */
  readonly shownPath: string
  /** The repository the file belongs to; null where it is in none, so that a checkout finds no files. */
  readonly repository: string | null
  readonly content: { jobs: Record<string, { steps?: WrittenStep[] } & Record<string, unknown>> } & Record<
    string,
    unknown
  >
}

/**
 * Reads a workflow file.
 *
 * @param path from `folder`, or absolute
 * @throws TryError for a file that is missing, is not UTF-8, is not YAML or is no workflow
 */
export function readWorkflowFile(path: string, folder: string): WrittenWorkflow {
  const file = resolve(folder, path)
  const document = parseDocument(textOf(file, path), { lineCounter: new LineCounter(), prettyErrors: false })
  const [problem] = document.errors
  if (problem !== undefined) {
    const line = problem.linePos?.[0].line ?? lineAt(textOf(file, path), problem.pos[0])
    throw new TryError(`${path} is not valid YAML: line ${line}: ${problem.message}`)
  }
  const content: unknown = document.toJS()
  if (!isWorkflow(content)) {
    throw new TryError(`${path} is not a workflow: a workflow is a mapping with "on" and "jobs".`)
  }
  return { name: basename(file), shownPath: path, repository: repositoryOf(file), content }
}

function textOf(file: string, path: string): string {
  const decoded = decodeText(bytesOf(file, path))
  if (decoded.isText) return decoded.text
  throw new TryError(`${path} is ${decoded.found}. Save it as UTF-8.`)
}

function bytesOf(file: string, path: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new TryError(`There is no file ${path}. Name a workflow file, such as examples/retrain.yml.`)
    }
    throw new TryError(`${path} cannot be read (${code}). Name a workflow file that you may read.`)
  }
}

const lineAt = (text: string, position: number) => text.slice(0, position).split('\n').length

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isWorkflow(content: unknown): content is WrittenWorkflow['content'] {
  return (
    isMapping(content) &&
    'on' in content &&
    isMapping(content.jobs) &&
    Object.values(content.jobs).every(isMapping)
  )
}

/** What git says; without git, the folder above `.github/workflows`. Not the file's own folder: it may be a home. */
function repositoryOf(file: string): string | null {
  const folder = realpathSync(dirname(file))
  try {
    const root = execFileSync('git', ['-c', 'safe.directory=*', 'rev-parse', '--show-toplevel'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return realpathSync(root.trim())
  } catch {
    const above = /^(.+)\/\.github\/workflows$/.exec(folder)?.[1]
    return above !== undefined && existsSync(join(above, '.github')) ? above : null
  }
}
