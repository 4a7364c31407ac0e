import { code } from '../markdown/markdown.ts'
import type { Failure } from './failure.ts'

const header = 'the header of the script (`# /// script`)'

const correctHeader =
  'Correct it in the header of the script. `uv lock --script` with the path of the script shows it without a Job.'

const renewLock =
  'Run `uv lock --script train.py` with the path of your script, and commit the `.lock` file beside it.'

/** Messages of uv, which installs what the header of a script names. https://docs.astral.sh/uv/guides/scripts/ */
export const uvFailures: readonly Failure[] = [
  {
    pattern: /No solution found when resolving .{0,2000}\bwas not found in the package registry\b/s,
    cause: `${header} asks for a package that does not exist.`,
    advice: `Check the name of the package that the message names. ${correctHeader}`,
  },
  {
    pattern:
      /No solution found when resolving (?!.{0,2000}\bwas not found in the package registry\b).{0,2000}\bthere (?:is no version of|are no versions of) /s,
    cause: `${header}, or a package that it needs, asks for a version that does not exist.`,
    advice: `Check the version that the message names. ${correctHeader}`,
  },
  {
    // https://docs.astral.sh/uv/concepts/python-versions/
    pattern: /\bNo interpreter found for Python /,
    cause: 'the `image` has no version of Python that the script asks for.',
    advice:
      'Set `image` to one with that version, or change `requires-python` in the header of the script, or the version that ' +
      '`--python` names.',
  },
  {
    // https://peps.python.org/pep-0723/
    pattern:
      /\bTOML parse error at line \d|An opening tag \(`# \/\/\/ script`\)|contains multiple PEP 723 metadata blocks/,
    cause: `${header} is not valid.`,
    advice: `Lines and columns count from the first line of the header. ${correctHeader}`,
  },
  {
    pattern: /\bFailed to spawn: /,
    cause: 'uv could not start the script, or the program that it was told to run.',
    advice: 'Check the path: a Job has the files of its image, its dataset and `files` only.',
  },
  {
    pattern: /\b[Ll]ockfile (?:at|for) .{1,200}`--(?:locked|frozen)` was provided/s,
    cause: 'the lock file of the script is missing, or older than the header of the script.',
    advice: renewLock,
  },
  {
    pattern: /Failed to download and build `[^`]{1,300} @ git\+|\bGit operation failed\b/,
    cause: 'uv could not fetch a dependency from its git repository.',
    advice:
      'Check its address and revision, and that it can be read without an account. A `-slim` image has no git. If its ' +
      'server was down, run the workflow again.',
  },
  {
    pattern: /\bRequest failed after \d+ retr|\bHTTP status server error\b|\berror sending request for url\b/,
    cause: 'a server that uv downloads packages from did not answer, or failed.',
    advice: 'Re-run the workflow later. If it happens again, check the `index` in the header of the script.',
  },
  {
    pattern: /\bFailed to build `/,
    cause:
      'a package is not built for this machine and version of Python, and it could not be built here either.',
    advice:
      'Choose a version of the package with a wheel for the Python of the `image`, or an `image` that has the compilers ' +
      'that the package needs. A module that is missing there belongs in `extra-build-dependencies` of `[tool.uv]`, in the ' +
      'header.',
  },
  {
    // https://docs.astral.sh/uv/concepts/indexes/
    pattern: /\bHTTP status client error \((?:401|403)\b/,
    cause: 'a server that uv downloads packages from refuses access.',
    advice:
      'Give its user name and token to the training as `secrets`, as uv names them for the `index` in the header.',
  },
]

/** Packages whose modules have another name. The list is short: a wrong name would be worse than none. */
const packageOf: Readonly<Record<string, string>> = {
  attr: 'attrs',
  bs4: 'beautifulsoup4',
  Crypto: 'pycryptodome',
  cv2: 'opencv-python-headless',
  dateutil: 'python-dateutil',
  dotenv: 'python-dotenv',
  fitz: 'pymupdf',
  git: 'gitpython',
  jwt: 'pyjwt',
  Levenshtein: 'levenshtein',
  PIL: 'pillow',
  skimage: 'scikit-image',
  sklearn: 'scikit-learn',
  yaml: 'pyyaml',
}

const missingModule = /: ModuleNotFoundError: No module named '([\w.]{1,100})'/

/**
 * Says what to do about a module that a script of uv lacks: uv installs only what the header names.
 *
 * @param reason untrusted
 * @returns null when it is not about a module that the script lacks: a package that is built may lack one too
 */
export function missingInHeader(reason: string): Pick<Failure, 'cause' | 'advice'> | null {
  const module = /\bFailed to build `/.test(reason) ? undefined : missingModule.exec(reason)?.[1]
  if (module === undefined) return null
  const [top = module] = module.split('.')
  const known = Object.hasOwn(packageOf, top) ? packageOf[top] : undefined
  const what = known === undefined ? `the package that has the module ${code(top)}` : code(known)
  const own = known === undefined ? ` If it is a file of your own, name it in \`files\`.` : ''
  return {
    cause: `the module ${code(top)} is not installed: \`uv\` installs only what ${header} lists.`,
    advice:
      `Add ${what} to \`dependencies\` in the header, and renew the lock file if there is one.${own} If the header lists ` +
      'it, uv did not see the header: it begins with `# /// script`, ends with `# ///`, and the file has no byte-order mark.',
  }
}
