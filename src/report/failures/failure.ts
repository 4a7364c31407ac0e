/** One message of other software about a failure, what caused it, and what to do. Both texts are trusted Markdown. */
export interface Failure {
  /** Matches the message: there is only prose, no error code. No two patterns match the same message. */
  readonly pattern: RegExp
  /** Continues "Likely cause:". */
  readonly cause: string
  readonly advice: string
}
