/** Programs of this machine that take the place of the stand-ins in every Job. */
export interface RealPrograms {
  /** A Python environment with AutoTrain: it stands where AutoTrain's image has its own. */
  readonly autotrain: string
  /** More environment of each Job. The Job's own values win. */
  readonly environment: Readonly<Record<string, string>>
  /** Makes a mounted folder truly read-only: modes do not bind root. Returns what undoes it. */
  seal(folder: string): () => void
}
