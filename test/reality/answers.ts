/** What is right: text and numbers as they must be, a pattern for text, a list in its order, or answers by name. */
type Answer = string | number | boolean | null | RegExp | readonly (string | number)[] | Answers

/** Answers by name. */
export interface Answers {
  readonly [name: string]: Answer
}

const isGroup = (answer: Answer): answer is Answers =>
  typeof answer === 'object' && answer !== null && !Array.isArray(answer) && !(answer instanceof RegExp)

/** The longest value that a difference shows, in characters. */
const shown = 600

const show = (value: unknown) => {
  const text = value instanceof RegExp ? String(value) : (JSON.stringify(value) ?? 'nothing')
  return text.length > shown ? `${text.slice(0, shown)}...` : text
}

function isRight(answer: Answer, seen: unknown): boolean {
  if (answer instanceof RegExp) return typeof seen === 'string' && answer.test(seen)
  return JSON.stringify(answer) === JSON.stringify(seen)
}

/**
 * Compares what was seen with what is right. What has no answer is not compared.
 *
 * @returns one sentence for each difference; empty when all is right
 */
export function differences(answers: Answers, seen: unknown, path = ''): string[] {
  return Object.entries(answers).flatMap(([name, answer]): string[] => {
    const here = path === '' ? name : `${path}.${name}`
    const value = (seen as Record<string, unknown> | null | undefined)?.[name]
    if (isGroup(answer)) return differences(answer, value, here)
    return isRight(answer, value) ? [] : [`${here}: right is ${show(answer)}, seen was ${show(value)}`]
  })
}

function spoilOne(answer: Exclude<Answer, Answers>): Answer {
  if (answer instanceof RegExp) return /(?!)/
  if (typeof answer === 'string') return `not ${answer}`
  if (typeof answer === 'number') return answer + 1
  if (typeof answer === 'boolean') return !answer
  return answer === null ? 'not null' : [...answer, 'one too many']
}

/** @returns how many single answers there are */
export function countAnswers(answers: Answers): number {
  return Object.values(answers).reduce<number>(
    (sum, answer) => sum + (isGroup(answer) ? countAnswers(answer) : 1),
    0,
  )
}

/**
 * Makes one answer wrong, to see whether the check notices.
 *
 * @param at which one, counted from 0 in the order they are written in
 */
export function spoil(answers: Answers, at = 0): Answers {
  let next = 0
  const walk = (group: Answers): Answers =>
    Object.fromEntries(
      Object.entries(group).map(([name, answer]) => {
        if (isGroup(answer)) return [name, walk(answer)]
        const isChosen = next === at
        next += 1
        return [name, isChosen ? spoilOne(answer as Exclude<Answer, Answers>) : answer]
      }),
    )
  return walk(answers)
}
