import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, matchesGlob } from 'node:path'
import { parseArgs } from 'node:util'
import { createRepo, HubApiError, uploadFiles } from '@huggingface/hub'

/**
 * `huggingface-cli`, as far as it is used here: `upload` of a folder and `download` of one file.
 * https://huggingface.co/docs/huggingface_hub/v0.27.0/guides/cli
 *
 * @param args the command line after the program's name
 * @returns the exit code
 */
export async function hubCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [command, ...rest] = args
  const excludes = rest.indexOf('--exclude')
  const { values, positionals } = parseArgs({
    args: excludes === -1 ? rest : rest.slice(0, excludes),
    options: {
      private: { type: 'boolean' },
      quiet: { type: 'boolean' },
      'local-dir': { type: 'string' },
    },
    allowPositionals: true,
  })
  const hub = { hubUrl: env.HF_ENDPOINT ?? 'https://huggingface.co', accessToken: env.HF_TOKEN ?? '' }
  const [name = '', path = ''] = positionals
  try {
    if (command === 'download') return await download(hub, { name, path, folder: values['local-dir'] ?? '.' })
    if (command === 'upload') {
      await upload(hub, { name, folder: path, exclude: excludes === -1 ? [] : rest.slice(excludes + 1) })
      return 0
    }
  } catch (error) {
    if (!(error instanceof HubApiError)) throw error
    const kind = error.statusCode < 500 ? 'Client' : 'Server'
    process.stderr.write(
      `huggingface_hub.errors.HfHubHTTPError: ${error.statusCode} ${kind} Error for url: ${error.url}\n`,
    )
    return 1
  }
  process.stderr.write(`huggingface-cli: this stand-in knows no ${command}\n`)
  return 2
}

interface Hub {
  hubUrl: string
  accessToken: string
}

async function download(
  { hubUrl, accessToken }: Hub,
  { name, path, folder }: { name: string; path: string; folder: string },
): Promise<number> {
  const response = await fetch(`${hubUrl}/${name}/resolve/main/${path}`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  if (!response.ok) return 1
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, Buffer.from(await response.arrayBuffer()))
  return 0
}

async function upload(
  hub: Hub,
  { name, folder, exclude }: { name: string; folder: string; exclude: readonly string[] },
): Promise<void> {
  const repo = { type: 'model', name } as const
  await createRepo({ ...hub, repo, visibility: 'private' }).catch((error: unknown) => {
    if (!(error instanceof HubApiError) || error.statusCode !== 409) throw error
  })
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    // Python's patterns pass over slashes: `checkpoint-*/*` is all below such a folder.
    .filter((path) => !exclude.some((pattern) => matchesGlob(path, pattern.replaceAll('*', '**'))))
    .toSorted()
  await uploadFiles({
    ...hub,
    repo,
    files: paths.map((path) => ({ path, content: new Blob([readFileSync(join(folder, path))]) })),
    commitTitle: 'Upload folder using huggingface_hub',
  })
}
