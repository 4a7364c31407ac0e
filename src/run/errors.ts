/** Thrown when a paid run may be active and can be neither confirmed nor stopped. It is reported even on cancel. */
export class MayBeRunning extends Error {
  override readonly name = 'MayBeRunning'
}

/** Thrown when the ledger has a run by a trainer that only a newer version of the action knows. */
export class UnknownTrainer extends Error {
  override readonly name = 'UnknownTrainer'

  constructor(trainer: string) {
    super(
      `The ledger has a run by the trainer ${trainer}, which this version does not know: update the action.`,
    )
  }
}

/** Thrown when nothing was started for a reason that passes by itself: the next check tries again. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
}
