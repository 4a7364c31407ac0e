import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { layOutUv, type UvOptions } from './uv-image.ts'

/** Programs that stand in for what images bring along. */
const STAND_INS = fileURLToPath(new URL('../../../bin', import.meta.url))

/** What a Job finds when it starts, all paths inside the container. */
export interface Image {
  workdir: string
  home: string
  /** Paths that belong to the image and must not be this machine's own. */
  owned: readonly string[]
  /** Searched before this machine's own programs. */
  path: readonly string[]
  environment: Readonly<Record<string, string>>
}

const ANY_IMAGE: Image = {
  workdir: '/root',
  home: '/root',
  owned: ['/root', '/tmp', '/workspace'],
  path: [],
  environment: {},
}

/**
 * AutoTrain's own image keeps Python and the `autotrain` program in a conda environment that is not on `PATH`.
 * https://github.com/huggingface/autotrain-advanced/blob/main/Dockerfile
 */
const AUTOTRAIN_IMAGE: Image = {
  workdir: '/app',
  home: '/app',
  owned: ['/app', '/tmp'],
  path: ['/app/miniconda/bin'],
  environment: {
    HF_HOME: '/app/.cache',
    HF_HUB_ENABLE_HF_TRANSFER: '1',
    PYTHONUNBUFFERED: '1',
    SYSTEM: 'spaces',
  },
}

const isAutoTrain = (name: string) => /^huggingface\/autotrain-advanced(?::|@|$)/.test(name)

/** @returns what an image brings along; every image but AutoTrain's is taken to have the stand-ins on its PATH */
export function imageOf(name: string): Image {
  return isAutoTrain(name) ? AUTOTRAIN_IMAGE : ANY_IMAGE
}

/** `conda run` buffers all output until the end unless it is told not to: https://docs.conda.io/projects/conda/ */
const CONDA = `#!/bin/sh
set -e
[ "$1" = run ] || { echo "conda: only run is here" >&2; exit 2; }
shift
buffered=yes
prefix=
while :; do
  case "$1" in
    --no-capture-output|--live-stream) buffered=no; shift ;;
    -p|--prefix) prefix=$2; shift 2 ;;
    *) break ;;
  esac
done
[ -d "$prefix" ] || { echo "EnvironmentLocationNotFound: Not a conda environment: $prefix" >&2; exit 1; }
PATH="$prefix/bin:$PATH"
export PATH
[ "$buffered" = yes ] || exec "$@"
code=0
output=$("$@" 2>&1) || code=$?
printf '%s\\n' "$output"
exit "$code"
`

/** Beside the stand-in, which trains in seconds, waits between two pushes are shorter too. */
const SLEEP = `#!/bin/sh
PATH=/usr/bin:/bin
exec sleep "$(($1 / 30))"
`

async function writeProgram(path: string, text: string): Promise<void> {
  await writeFile(path, text)
  await chmod(path, 0o755)
}

/**
 * Lays out an image's own folders below a Job's folder.
 *
 * @param name the image
 * @param options.root the folder that stands for the container's `/`
 * @param options.autotrain a Python environment with AutoTrain, in place of the stand-in
 * @param options.uv what images of uv find on this machine
 * @returns the folders to search for programs, on this machine, before its own; and environment that goes with them
 */
export async function layOutImage(
  name: string,
  { root, autotrain, uv }: { root: string; autotrain?: string | undefined; uv: UvOptions },
): Promise<{ programs: string[]; environment: Record<string, string> }> {
  const image = imageOf(name)
  for (const folder of [image.workdir, image.home, ...image.owned]) {
    await mkdir(join(root, folder), { recursive: true })
  }
  // The stand-ins are Node programs, and must not meet an older Node of this machine.
  const node = join(root, '.node')
  await mkdir(node)
  await symlink(process.execPath, join(node, 'node'))
  if (!isAutoTrain(name)) {
    return { programs: [node, STAND_INS], environment: await layOutUv(name, { folder: node, uv }) }
  }

  if (autotrain === undefined) {
    const programs = join(root, '/app/env/bin')
    await mkdir(programs, { recursive: true })
    for (const name of ['autotrain', 'huggingface-cli'])
      await symlink(join(STAND_INS, name), join(programs, name))
    await writeProgram(join(programs, 'sleep'), SLEEP)
  } else {
    await symlink(autotrain, join(root, '/app/env'))
  }
  const conda = join(root, '/app/miniconda/bin/conda')
  await mkdir(dirname(conda), { recursive: true })
  await writeProgram(conda, CONDA)
  return { programs: [node, ...image.path.map((folder) => join(root, folder))], environment: {} }
}
