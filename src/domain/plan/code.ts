/** The folder of a run's model that its training code is in. */
export const codeFolder = 'training'

/** A file that is shipped with a training script. */
export interface CodeFile {
  /** Below the checkout, with `/`: its place below `/code` in the Job. */
  readonly path: string
  readonly content: Uint8Array
}

/** A training script and what is shipped with it, as the step found them. */
export interface ShippedCode {
  /** The script's place below `/code`. */
  readonly script: string
  /** The script as text. */
  readonly text: string
  /** Everything that is shipped, the script among it, in the order of the paths. */
  readonly files: readonly CodeFile[]
  /** Whether uv's lock of the script is among the files. */
  readonly hasLock: boolean
  /** Whether a `pyproject.toml` beside the script or above it is among the files, so that uv uses its dependencies. */
  readonly hasProject: boolean
  /** A hash of what a changed training would change: the content of the files, and the URL of a script that has one. */
  readonly digest: string
}

/** Why there is no code to ship: one sentence that begins with the recipe's key. */
export interface MissingCode {
  readonly problem: string
  /** Whether it passes by itself, as a server that is down does; else a person must fix it. */
  readonly passes: boolean
  /** As {@link ShippedCode.digest}, where it is known without the script: a server that is down changes no recipe. */
  readonly digest?: string
}

/** The code of a recipe. */
export type RecipeCode = ShippedCode | MissingCode

/** Whether there is code to ship. */
export function isShipped(code: RecipeCode | undefined): code is ShippedCode {
  return code !== undefined && 'files' in code
}
