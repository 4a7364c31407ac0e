import type { Recipe } from '../../../domain/recipe.ts'
import { describeKind } from './describe.ts'
import type { ParamFacts } from './facts.ts'
import { paramOf } from './families.ts'

/** Text that Python's `int` and `float` read, as AutoTrain's classes take it. */
const wholeNumber = /^[+-]?\d+(?:_\d+)*(?:\.0+)?$/
const anyNumber = /^[+-]?(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

/** The words for true and false that AutoTrain's classes take. https://docs.pydantic.dev/2.10/api/standard_library_types/#booleans */
const yes = /^(?:1|on|t|true|y|yes)$/i
const no = /^(?:0|off|f|false|n|no)$/i

/** The word that stands for null where AutoTrain knows only some words: its own examples use it. */
const noneWord = /^none$/i

/**
 * A value as AutoTrain reads it.
 *
 * @returns undefined when it has another type
 */
export function readValue({ type, words }: ParamFacts, value: unknown): unknown {
  const isOptional = type.startsWith('Optional')
  if (value === null) return isOptional ? null : undefined
  if (type.endsWith('[List[str]]')) return isTextList(value) ? value : undefined
  if (type === 'bool') return readFlag(value)
  if (type === 'str' || type === 'Optional[str]') {
    if (typeof value !== 'string') return undefined
    return isOptional && words !== undefined && noneWord.test(value) ? null : value
  }
  return readNumber(value, type === 'float' ? anyNumber : wholeNumber, type !== 'float')
}

/** A parameter as AutoTrain reads it, or its default; undefined where the task has none of this name or it has another type. */
export function valueIn({ task, params }: Pick<Recipe, 'task' | 'params'>, name: string): unknown {
  const facts = paramOf(task, name)
  if (facts === undefined) return undefined
  return params[name] === undefined ? facts.fallback : readValue(facts, params[name])
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

/** AutoTrain takes true for 1. A person who wrote it did not mean a number, so it has another type here. */
function readNumber(value: unknown, pattern: RegExp, isWhole: boolean): number | undefined {
  const text = typeof value === 'string' ? value.trim() : null
  const number = text === null ? value : pattern.test(text) ? Number(text.replaceAll('_', '')) : undefined
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  return isWhole && !Number.isInteger(number) ? undefined : number
}

/** True or false, as AutoTrain's classes take it; undefined when it is neither. */
export function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (value === 1 || value === 0) return value === 1
  if (typeof value !== 'string') return undefined
  if (yes.test(value)) return true
  return no.test(value) ? false : undefined
}

/**
 * What is wrong with the value of a parameter.
 *
 * @returns what is allowed, as the end of a sentence; null when the value is right
 */
export function valueProblem(facts: ParamFacts, value: unknown): string | null {
  const read = readValue(facts, value)
  return read === undefined || !isInside(facts, read) ? describeKind(facts) : null
}

function isInside({ range, words }: ParamFacts, value: unknown): boolean {
  if (typeof value === 'string' && words !== undefined) return words.includes(value)
  if (typeof value !== 'number' || range === undefined) return true
  const { min, max, isAbove, or } = range
  if (value === or) return true
  return (isAbove === true ? value > min : value >= min) && (max === undefined || value <= max)
}
