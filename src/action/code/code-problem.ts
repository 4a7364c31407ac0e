/** Why the code of a recipe cannot be shipped: one sentence that begins with the recipe's key. */
export class CodeProblem extends Error {
  override readonly name = 'CodeProblem'
  /** Whether it passes by itself. */
  readonly passes: boolean

  constructor(message: string, options: { passes?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.passes = options.passes ?? false
  }
}
