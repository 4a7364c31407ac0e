import { Refused } from '../../domain/verdict.ts'
import { readRequirement } from './header/requirement.ts'
import { shown } from './header/toml-value.ts'
import { asSentence } from './sentence.ts'

/** Where the code of a training is mounted in its Job, read-only. */
export const codePath = '/code'

/**
 * The image of a script's Job without another. The `hf` client's own tag has had no new uv since 0.9.
 * https://docs.astral.sh/uv/guides/integration/docker/
 */
export const uvImage = 'ghcr.io/astral-sh/uv:0.13.9-python3.12-trixie'

/** Requests of Python as uv takes them: `3.12`, `>=3.11`, `pypy@3.10`. */
const pythonForm = /^[\w<>=!~@][\w.,<>=!~@*+-]{0,49}$/

/**
 * The environment variables of every Job that runs a script; the header and the recipe may set others.
 *
 * @param options.python the Python that the header or the recipe asks for; null for the image's own
 */
export function uvEnvironment({ python }: { python: string | null }): Readonly<Record<string, string>> {
  return {
    // Without it, printed lines arrive at the end.
    PYTHONUNBUFFERED: '1',
    // A pyproject.toml beside the script would make uv write into the read-only folder of the code.
    UV_PROJECT_ENVIRONMENT: '/tmp/venv',
    // A wrong requires-python fails in a second instead of being downloaded on a GPU's time.
    ...(python === null && { UV_PYTHON_DOWNLOADS: 'never' }),
  }
}

/** What a script is run with. */
export interface CommandOptions {
  /** Relative to the mounted code: `training/train.py`. */
  readonly script: string
  /** Whether its lock was shipped. */
  readonly isLocked: boolean
  /** Null for the image's own. */
  readonly python: string | null
  /** Packages beside those of the header. */
  readonly packages: readonly string[]
  /** After their placeholders are filled in. */
  readonly args: readonly string[]
}

/**
 * Makes the command of a Job: its items are given to the program as they are, without a shell. What stands after the
 * script is the script's, even where it looks like an option of uv.
 *
 * @throws Refused when an item is empty, which the Hub does not take, or would be read as an option of uv
 */
export function uvCommand({ script, isLocked, python, packages, args }: CommandOptions): string[] {
  const segments = script.split('/')
  if (segments.some((segment) => ['', '.', '..'].includes(segment))) {
    throw new Refused(
      `script: ${shown(script)} must be a path inside of the checkout, such as training/train.py.`,
    )
  }
  if (python !== null && !pythonForm.test(python)) {
    throw new Refused(`python: ${shown(python)} must be a version of Python, such as 3.12.`)
  }
  for (const text of packages) {
    const reading = readRequirement(text)
    if (!reading.isRead) throw new Refused(asSentence(`with: ${shown(text)} ${reading.problem}`))
  }
  const empty = args.indexOf('')
  if (empty >= 0) {
    throw new Refused(`script-args: argument ${empty + 1} is empty, which a Job cannot get: remove it.`)
  }
  return [
    'uv',
    'run',
    ...(isLocked ? ['--locked'] : []),
    ...(python === null ? [] : ['--python', python]),
    ...packages.flatMap((text) => ['--with', text.trim()]),
    `${codePath}/${script}`,
    ...args,
  ]
}
