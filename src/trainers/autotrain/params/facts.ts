/** The types of AutoTrain's parameters, as Python writes them. */
type ParamType =
  | 'bool'
  | 'float'
  | 'int'
  | 'str'
  | 'Optional[int]'
  | 'Optional[str]'
  | 'Optional[List[str]]'
  | 'Union[int, List[int]]'

/** A parameter of AutoTrain. */
export interface ParamFacts {
  readonly type: ParamType
  readonly fallback: number | string | boolean | null
  /** The values that train something; missing where any value of the type does. */
  readonly range?: Range
  /** The words that mean something; missing where any text does. */
  readonly words?: readonly string[]
}

/** The numbers that a parameter may have. */
interface Range {
  readonly min: number
  readonly max?: number
  /** Whether `min` itself is too small. */
  readonly isAbove?: boolean
  /** A number below `min` that has a meaning of its own. */
  readonly or?: number
}

/** The parameters of one of AutoTrain's classes by name. */
export type Family = Readonly<Record<string, ParamFacts>>

/** A whole number from `min` on. */
export const atLeast = (min: number, fallback: number, or?: number): ParamFacts => ({
  type: 'int',
  fallback,
  range: { min, ...(or !== undefined && { or }) },
})

/** A number from 0 to 1. */
export const share = (fallback: number): ParamFacts => ({
  type: 'float',
  fallback,
  range: { min: 0, max: 1 },
})

/** A number from 0 on. */
export const fromZero = (fallback: number): ParamFacts => ({ type: 'float', fallback, range: { min: 0 } })

/** True or false. */
export const flag: ParamFacts = { type: 'bool', fallback: false }

/** One of some words, or none of them. */
export const wordOrNone = (words: readonly string[], fallback: string | null = null): ParamFacts => ({
  type: 'Optional[str]',
  fallback,
  words,
})
