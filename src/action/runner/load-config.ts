import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { decodeText } from '../../domain/text/decode.ts'
import { Refused } from '../../domain/verdict.ts'
import { type ConfigFile, defaultConfigPaths } from '../../recipe/config-text/config-file.ts'

/**
 * Finds and reads the config file. A path is found however the accents in it are stored.
 *
 * @param options.path the `config` input; null for the default paths
 * @param options.workspace the folder of the checkout
 * @returns null when the input is not set and no default path exists
 * @throws Refused when the file of the input does not exist or is not UTF-8, when several default paths exist, or when
 *   none does and a file has nearly such a name
 */
export function loadConfigFile(options: { path: string | null; workspace: string }): ConfigFile | null {
  const { path, workspace } = options
  if (path !== null) {
    const file = read(path, workspace)
    if (file !== null) return file
    throw new Refused(
      `config: the workspace has no file ${path}. Check the path, and put a step with actions/checkout before this one.`,
    )
  }
  const found = defaultConfigPaths.flatMap((candidate) => read(candidate, workspace) ?? [])
  if (found.length > 1) {
    const names = found.map((file) => file.path).join(' and ')
    throw new Refused(`The workspace has both ${names}: delete one of them.`)
  }
  return found[0] ?? refuseNearName(workspace)
}

const nearName = /^auto[-_ ]?retrain\.(?:jsonc?|json5|ya?ml|toml)$/i

/** A file that was meant for a config file, and is not read, would drop its limits without a word. */
function refuseNearName(workspace: string): null {
  const names = ['.github', '.'].flatMap((folder) => {
    const prefix = folder === '.' ? '' : `${folder}/`
    return filesIn(resolve(workspace, folder)).flatMap((name) => (nearName.test(name) ? [prefix + name] : []))
  })
  const [near] = names
  if (near === undefined) return null
  throw new Refused(
    `The workspace has ${near}, which is not read: rename it to ${defaultConfigPaths.join(', ')}, or set config to ` +
      'its path.',
  )
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [entry.name] : [],
    )
  } catch {
    return []
  }
}

function read(path: string, workspace: string): ConfigFile | null {
  const forms = [path, path.normalize('NFC'), path.normalize('NFD')]
  const bytes = forms.reduce<Buffer | null>((found, form) => found ?? readBytes(form, workspace), null)
  if (bytes === null) return null
  const decoded = decodeText(bytes)
  if (!decoded.isText) {
    throw new Refused(`config: ${path} is ${decoded.found}: save it as UTF-8.`)
  }
  return { path: path.normalize('NFC'), text: decoded.text }
}

function readBytes(path: string, workspace: string): Buffer | null {
  try {
    return readFileSync(resolve(workspace, path))
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return null
    throw new Refused(`config: ${path} cannot be read: set it to a file in the workspace.`, { cause: error })
  }
}
