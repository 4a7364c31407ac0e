/** A workflow that cannot be tried. The message says what is wrong, and then what to do. */
export class TryError extends Error {
  override name = 'TryError'
}
