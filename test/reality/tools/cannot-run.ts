/** Something that a check needs cannot be had on this machine: it is skipped, and the message says why. */
export class CannotRun extends Error {}
