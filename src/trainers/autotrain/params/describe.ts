import { inWords } from '../../../domain/text/format.ts'
import type { ParamFacts } from './facts.ts'

/** What a parameter may be, as the end of a sentence that begins with "must be". */
export function describeKind({ type, range, words }: ParamFacts): string {
  const orNull = type.startsWith('Optional')
  if (words !== undefined) return inWords([...words, ...(orNull ? ['null'] : [])], 'or')
  const kind = kindOf(type)
  if (range === undefined) return `${kind}${orNull ? ', or null' : ''}`
  const { min, max, isAbove, or } = range
  const limits =
    max !== undefined ? `from ${min} to ${max}` : isAbove === true ? `above ${min}` : `${min} or greater`
  const others = [...(or === undefined ? [] : [String(or)]), ...(orNull ? ['null'] : [])]
  return `${kind}${max === undefined && isAbove !== true ? ',' : ''} ${limits}${others.map((other) => `, or ${other}`).join('')}`
}

function kindOf(type: ParamFacts['type']): string {
  switch (type) {
    case 'bool':
      return 'true or false'
    case 'float':
      return 'a number'
    case 'int':
    case 'Optional[int]':
    case 'Union[int, List[int]]':
      return 'a whole number'
    case 'str':
    case 'Optional[str]':
      return 'text'
    case 'Optional[List[str]]':
      return 'a list of columns'
  }
}
