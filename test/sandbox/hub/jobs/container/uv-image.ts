import { chmod, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What images of uv find on this machine. */
export interface UvOptions {
  /**
   * The `uv` of such images: the real program, or the stand-in of test/sandbox/uv.
   *
   * @default none: `uv` ends with 127, as a missing command does
   */
  uvPath?: string
  /** Keeps packages from one Job to the next. @default each Job begins with an empty cache, as on the Hub */
  uvCacheDir?: string
  /** Interpreters by version, such as `3.12`. An image has the Python of its tag, if it is here, and no other. */
  uvPythons?: Readonly<Record<string, string>>
}

/** https://docs.astral.sh/uv/guides/integration/docker/ names both registries; `astral-sh/uv` is how people write it. */
const NAME = /^(?:(?:ghcr\.io\/)?astral-sh|(?:docker\.io\/)?astral)\/uv(?::(?<tag>[\w.-]+))?(?:@|$)/

/** @returns whether an image is one of uv's own */
function isUvImage(name: string): boolean {
  return NAME.test(name)
}

/** @returns the Python of an image of uv, such as `3.12`; undefined for a tag without one, such as `0.13-debian` */
function pythonOf(name: string): string | undefined {
  return /(?:^|-)python(\d+\.\d+)(?:-|$)/.exec(NAME.exec(name)?.groups?.tag ?? '')?.[1]
}

const MISSING = `#!/bin/sh
echo "uv: not found" >&2
exit 127
`

async function hide(folder: string): Promise<void> {
  // This machine may have uv where the container looks for programs; the image would not have it.
  const file = join(folder, 'uv')
  await writeFile(file, MISSING)
  await chmod(file, 0o755)
}

/**
 * Gives an image of uv its uv and the Python of its tag. From any other image, uv is hidden.
 *
 * @param name the image
 * @param options.folder where the container looks for programs first
 * @param options.uv what this machine has
 * @returns the environment by which uv uses them
 */
export async function layOutUv(
  name: string,
  { folder, uv }: { folder: string; uv: UvOptions },
): Promise<Record<string, string>> {
  const { uvPath, uvCacheDir, uvPythons = {} } = uv
  if (!isUvImage(name) || uvPath === undefined) {
    await hide(folder)
    return {}
  }
  await symlink(uvPath, join(folder, 'uv'))
  const python = pythonOf(name)
  const interpreter = python === undefined ? undefined : uvPythons[python]
  if (interpreter !== undefined) {
    for (const link of ['python', 'python3', `python${python}`])
      await symlink(interpreter, join(folder, link))
  }
  return {
    // uv looks nowhere else: this machine's other versions of Python are not in the image.
    UV_PYTHON_SEARCH_PATH: folder,
    ...(uvCacheDir !== undefined && { UV_CACHE_DIR: uvCacheDir }),
    // For the stand-in, which runs no Python.
    ...(python !== undefined && { SANDBOX_IMAGE_PYTHON: python }),
  }
}
