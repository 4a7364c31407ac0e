import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const quietly = { stdio: 'ignore' } as const

function bindReadOnly(folder: string): () => void {
  execFileSync('mount', ['--bind', folder, folder], quietly)
  const undo = () => void execFileSync('umount', [folder], quietly)
  try {
    execFileSync('mount', ['-o', 'remount,ro,bind', folder], quietly)
  } catch (error) {
    undo()
    throw error
  }
  return undo
}

/** How the data of a Job are kept from being written. */
export interface Seal {
  readonly description: string
  seal(folder: string): () => void
}

/** A read-only bind mount where this process may make one; elsewhere the files' modes have to do. */
export function findSeal(): Seal {
  const folder = mkdtempSync(join(tmpdir(), 'mount-'))
  try {
    bindReadOnly(folder)()
    return { description: 'data on a read-only mount', seal: bindReadOnly }
  } catch {
    const description = 'data read-only by mode only: a read-only mount needs root'
    return { description, seal: () => () => undefined }
  } finally {
    rmdirSync(folder)
  }
}
