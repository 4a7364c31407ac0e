import { createHash } from 'node:crypto'
import { messageOf } from '../../domain/error-message.ts'
import type { CodeFile, MissingCode, RecipeCode, ShippedCode } from '../../domain/plan/code.ts'
import type { Recipe } from '../../domain/recipe.ts'
import {
  readFetchedScript,
  readScriptText,
  type ScriptText,
} from '../../trainers/script/header/script-text.ts'
import { withHeader } from '../../trainers/script/recipe-settings.ts'
import { type Checkout, checkSize, createCheckout } from './checkout.ts'
import { CodeProblem } from './code-problem.ts'
import { fetchScript } from './fetch-script.ts'

/**
 * Reads the code of each recipe of the trainer `script`: the script from the checkout or its URL, uv's lock beside it,
 * and the files that the recipe names. What is wrong is left for the plan to say, so that the other recipes go on.
 *
 * @param options.workspace the folder of the checkout
 * @param options.send the platform's `fetch`, without tokens
 */
export async function withCode(
  recipes: readonly Recipe[],
  options: { workspace: string; send: typeof fetch; signal: AbortSignal },
): Promise<Recipe[]> {
  return Promise.all(
    recipes.map(async (recipe) =>
      recipe.trainer === 'script' ? withHeader({ ...recipe, code: await readCode(recipe, options) }) : recipe,
    ),
  )
}

async function readCode(
  recipe: Recipe,
  options: { workspace: string; send: typeof fetch; signal: AbortSignal },
): Promise<RecipeCode> {
  try {
    if (recipe.script === null)
      throw new CodeProblem('script: the trainer script needs one, such as training/train.py.')
    const checkout = createCheckout(options.workspace)
    return /^https?:\/\//.test(recipe.script)
      ? await fromUrl(recipe, recipe.script, { ...options, checkout })
      : fromCheckout(recipe, recipe.script, checkout)
  } catch (error) {
    options.signal.throwIfAborted()
    return toMissing(error)
  }
}

function toMissing(error: unknown): MissingCode {
  if (error instanceof CodeProblem) return { problem: error.message, passes: error.passes }
  return { problem: `script: it could not be read: ${messageOf(error)}.`, passes: false }
}

function fromCheckout(recipe: Recipe, script: string, checkout: Checkout): ShippedCode {
  const content = checkout.read(script, 'script')
  const lockPath = `${script}.lock`
  const lock = checkout.has(lockPath) ? [{ path: lockPath, content: checkout.read(lockPath, 'script') }] : []
  const files = [{ path: script, content }, ...lock, ...checkout.match(recipe.files)]
  return shipped({
    script,
    text: textOf(script, readScriptText(content)),
    files,
    about: null,
  })
}

async function fromUrl(
  recipe: Recipe,
  url: string,
  options: { send: typeof fetch; signal: AbortSignal; checkout: Checkout },
): Promise<RecipeCode> {
  const script = new URL(url).pathname.split('/').at(-1) ?? 'train.py'
  const more = options.checkout.match(recipe.files)
  if (more.some(({ path }) => path === script)) {
    throw new CodeProblem(`files: ${script} of the checkout would take the place of the script: rename it.`)
  }
  // A URL with a commit in it always has the same content.
  const about = { url, more }
  try {
    const content = await fetchScript(url, options)
    const text = textOf(url, readFetchedScript(content))
    return shipped({ script, text, files: [{ path: script, content }, ...more], about })
  } catch (error) {
    options.signal.throwIfAborted()
    return { ...toMissing(error), digest: digestOf(url, more) }
  }
}

function textOf(name: string, read: ScriptText): string {
  if (read.isText) return read.text
  throw new CodeProblem(`script: ${name}: ${read.problem}.`)
}

function shipped(
  given: Pick<ShippedCode, 'script' | 'text' | 'files'> & {
    about: { url: string; more: readonly CodeFile[] } | null
  },
): ShippedCode {
  const { about, ...code } = given
  const unique = new Map(code.files.map((file) => [file.path, file]))
  const files = [...unique.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  checkSize({ files: files.length, bytes: files.reduce((sum, { content }) => sum + content.byteLength, 0) })
  return {
    ...code,
    files,
    hasLock: unique.has(`${code.script}.lock`),
    hasProject: placesAbove(code.script).some((folder) => unique.has(`${folder}pyproject.toml`)),
    digest: digestOf(about?.url ?? '', about?.more ?? files),
  }
}

/** The folder of a file and those above it: empty for the checkout itself, else with a slash at the end. */
function placesAbove(path: string): string[] {
  const folders = path.split('/').slice(0, -1)
  return ['', ...folders.map((_, length) => `${folders.slice(0, length + 1).join('/')}/`)]
}

function digestOf(url: string, files: readonly CodeFile[]): string {
  const hash = createHash('sha256').update(JSON.stringify(url))
  for (const { path, content } of files) {
    const inner = createHash('sha256').update(content).digest('hex')
    hash.update(JSON.stringify([path, inner]))
  }
  return hash.digest('hex').slice(0, 16)
}
