import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'

/**
 * Inside a sandbox Job, an absolute path of the container is below the Job's own folder. Where the Job's command
 * could not be told so (a configuration in base64), this finds it.
 *
 * @param path as the configuration has it
 * @returns a path of this machine
 */
export function resolvePath(path: string): string {
  const root = process.env.SANDBOX_ROOT
  if (root === undefined || !isAbsolute(path) || existsSync(path)) return path
  const inside = join(root, path)
  return existsSync(inside) ? inside : path
}
