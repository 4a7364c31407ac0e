/** Letters and digits in words joined by hyphens: what AutoTrain and the Hub both take as a project's name. */
export const prefixPattern = /^(?=.{1,38}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/

/** Leaves room for `-`, seven digits of the revision and `-999` in AutoTrain's 50 characters. */
export const maxPrefixLength = 38

/**
 * The name of the project for a revision: prefix, `-` and the first seven digits; with `-2`, `-3`... appended
 * while a model of that name is on the Hub, because AutoTrain fails when it meets one.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/common.py
 *
 * @param options.first the number to begin with: attempt n at a revision begins with `-n`
 * @param options.isTaken whether a model of that name exists in the target namespace
 * @throws Error when 999 names are taken
 */
export async function freeProjectName(options: {
  prefix: string
  revision: string
  first?: number
  isTaken: (name: string) => Promise<boolean>
}): Promise<string> {
  const base = `${options.prefix}-${options.revision.slice(0, 7)}`
  for (let count = options.first ?? 1; count <= 999; count++) {
    const name = count === 1 ? base : `${base}-${count}`
    if (!(await options.isTaken(name))) return name
  }
  throw new Error(`every project name from ${base} to ${base}-999 is taken on the Hub`)
}
