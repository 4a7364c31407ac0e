/** What `publish-revision` asks for. All texts are in lower case: the Hub's names are the same in any case. */
export interface WantedRun {
  /** The model that the run's recipe publishes to, `namespace/name`; null: any. */
  readonly publishTo: string | null
  /** The run's tag, project or model; null: it is named by its revision. */
  readonly name: string | null
  /** The first digits of the revision. */
  readonly digits: string
  /** Which attempt at the revision; null: its newest success, or as the name says. */
  readonly attempt: number | null
}

/**
 * `1d55c3a` and `1d55c3a-2`; `data-1d55c3a`, `digits-1d55c3a` and `acme/digits-1d55c3a`; each after `acme/numbers@` too. A
 * number of seven digits or more at the end is a revision, and no attempt.
 */
const pattern =
  /^(?:(?<publishTo>[\w.-]{1,96}\/[\w.-]{1,96})@)?(?<text>(?<prefix>(?:[\w.-]{1,96}\/)?[a-z\d-]{1,38}-)?(?<digits>[\da-f]{7,40})(?:-(?<attempt>[1-9]\d{0,5}))?)$/

/** How a run can be named, for a sentence. */
export const runNameForms =
  "7 to 40 digits of a dataset's revision (1d55c3a), with -2 for its second attempt, a tag (data-1d55c3a), or the name of " +
  "the run's model (digits-1d55c3a), each also after publish-to and @ (acme/digits@1d55c3a)"

/** Reads the input `publish-revision`; null when it can name no run. */
export function readRunName(input: string): WantedRun | null {
  const {
    publishTo = null,
    text = '',
    prefix,
    digits,
    attempt,
  } = pattern.exec(input.toLowerCase())?.groups ?? {}
  if (digits === undefined) return null
  const isNamed = prefix !== undefined
  return {
    publishTo,
    digits,
    name: isNamed ? text : null,
    attempt: isNamed || attempt === undefined ? null : Number(attempt),
  }
}
