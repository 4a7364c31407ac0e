/** Why the stand-in for uv ends: what it prints, and its exit code. */
export class UvError extends Error {
  readonly code: number

  constructor(code: number, ...lines: string[]) {
    super(lines.join('\n'))
    this.name = 'UvError'
    this.code = code
  }
}
