/** Words of letters and digits joined by hyphens, which AutoTrain and the Hub both accept as a project's name. */
export const prefixPattern = /^(?=.{1,38}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/

/** Leaves room for `-`, seven digits of the revision and `-999` in AutoTrain's 50 characters. */
export const maxPrefixLength = 38

/** The name of a first attempt's project: the prefix, `-` and the first seven digits of the revision. */
export function firstName(prefix: string, revision: string): string {
  return `${prefix}-${revision.slice(0, 7)}`
}

/**
 * Finds a project name for a revision: the prefix, `-` and the first seven digits. If the Hub has a model of that name,
 * which would make AutoTrain fail, `-2`, `-3`... is appended.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/common.py
 *
 * @param options.first the first number to try: attempt n at a revision begins with `-n`
 * @param options.isTaken whether a model of that name exists in the target namespace
 * @throws Error when 999 names are taken
 */
export async function freeProjectName(options: {
  prefix: string
  revision: string
  first?: number
  isTaken: (name: string) => Promise<boolean>
}): Promise<string> {
  const base = firstName(options.prefix, options.revision)
  for (let count = options.first ?? 1; count <= 999; count++) {
    const name = count === 1 ? base : `${base}-${count}`
    if (!(await options.isTaken(name))) return name
  }
  throw new Error(
    `all project names from ${base} to ${base}-999 are taken on the Hub: choose another autotrain-project-prefix`,
  )
}
