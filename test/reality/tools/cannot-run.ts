/** Something that a check needs is not available on this machine. The check is skipped; the message says why. */
export class CannotRun extends Error {}
