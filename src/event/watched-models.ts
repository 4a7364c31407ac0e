import { repoNamePattern, revisionPattern } from '../domain/revision.ts'
import { hashHex } from './hash.ts'

/** A model whose new commits are a reason to check, and the commit that was seen. */
export interface SeenModel {
  /** `namespace/name` */
  readonly name: string
  /** The commit at the head of its main branch. */
  readonly head: string
}

/**
 * A model as an entry of what was seen names it: `name@commit`; a private one by a hash of its name, since the
 * repository may be more public than the model.
 */
export async function seenModelText({ name, head }: SeenModel, isPublic: boolean): Promise<string> {
  return `${isPublic ? name : await hashOf(name)}@${head}`
}

/**
 * Reads the models of an entry.
 *
 * @param texts as {@link seenModelText} writes them
 * @param known names of private models that the reader may ask for
 * @returns those whose name is public or known, each with the commit that was seen
 */
export async function readSeenModels(
  texts: readonly string[],
  known: readonly string[],
): Promise<SeenModel[]> {
  const names = new Map<string, string>()
  for (const name of known) names.set(await hashOf(name), name)
  return texts.flatMap((text) => {
    const at = text.lastIndexOf('@')
    const [what, head] = [text.slice(0, at), text.slice(at + 1)]
    const name = what.startsWith(hashMark) ? names.get(what) : what
    // An entry can be written by everybody who can write to the repository, and the name becomes part of an address.
    const isModel = name !== undefined && repoNamePattern.test(name) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(name)
    return isModel && revisionPattern.test(head) ? [{ name, head }] : []
  })
}

/** Whether an entry names a model by a hash only. */
export function isHashedModel(text: string): boolean {
  return text.startsWith(hashMark)
}

/** No name of a model has a colon. */
const hashMark = 'sha256:'

async function hashOf(name: string): Promise<string> {
  return `${hashMark}${await hashHex(name, 8)}`
}
