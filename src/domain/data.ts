/** A file at one revision. */
export interface FileVersion {
  readonly path: string
  /** The id of its content: the same for the same bytes, in every revision. */
  readonly content: string
  readonly bytes: number
}

/** The facts about a revision's relevant files by which two revisions are compared without listing the older one. */
export interface DataFacts {
  /** SHA-256 over path and content id of every relevant file. */
  readonly digest: string
  /** SHA-256 over the path rules that decided which files are relevant: digests under other rules do not compare. */
  readonly rules: string
  /** How many files are relevant. */
  readonly files: number
  readonly bytes: number
  /** Files by class (the folder they lie in); null where the class names must not be written down. */
  readonly classes: Readonly<Record<string, number>> | null
  readonly classCount: number
  /**
   * Whether most bytes lie in files that pack many examples (Parquet, WebDataset, archives), so that the number of files
   * says nothing; absent in what older versions wrote down.
   */
  readonly packed?: boolean | undefined
  /** How many rows the relevant files have; null or absent where no file says it. */
  readonly rows?: number | null | undefined
}

/** What the facts about data add up to, for people. */
export type DataTotals = Pick<DataFacts, 'files' | 'bytes' | 'classCount' | 'rows'>

/** Whether nothing relevant differs between two revisions; false also where their path rules differ. */
export function isSameData(a: DataFacts | null, b: DataFacts | null): boolean {
  return a !== null && b !== null && dataId(a) === dataId(b)
}

function dataId({ rules, digest }: DataFacts): string {
  return `${rules} ${digest}`
}

/** What was seen in the files of a dataset: rows and classes, where all files of a split were read. */
export interface DataContent {
  /** Rows of the training split; null where they are not known. */
  readonly trainRows: number | null
  /** Rows of the validation split; null where they are not known, or without one. */
  readonly validRows: number | null
  /** Whether there is a validation split. */
  readonly hasValid: boolean
  /** Rows of the training split by label, as untrusted text; null where they are not known. */
  readonly classes: ReadonlyMap<string, number> | null
}

/** The content of data that was not looked into. */
export const unknownContent: DataContent = {
  trainRows: null,
  validRows: null,
  hasValid: false,
  classes: null,
}
