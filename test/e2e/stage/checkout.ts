import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A repository that holds the packaged action and nothing else. */
export interface Checkout {
  readonly folder: string
  remove(): void
}

/**
 * Makes the folder that the runner checks out: `action.yml`, and `dist` as a link, because thousands of files would
 * be copied for nothing otherwise.
 *
 * @param code more files, by path
 */
export function packagedAction(code: Readonly<Record<string, string>> = {}): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'auto-retrain-checkout-'))
  copyFileSync(join(root, 'action.yml'), join(folder, 'action.yml'))
  symlinkSync(join(root, 'dist'), join(folder, 'dist'))
  for (const [path, text] of Object.entries(code)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) }
}

/** Lets Node keep what it compiled: the same programs are started a few hundred times. */
export const compileCache = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/auto-retrain') }
