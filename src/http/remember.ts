/** Asks a question once: later askers get the same answer. A question that failed is asked again. */
export type Remember = <T>(key: string, ask: () => Promise<T>) => Promise<T>

/**
 * Creates a memory for answers that do not change while a run lasts, or whose change would not matter to it.
 *
 * @param maxEntries the oldest answers beyond so many are forgotten
 */
export function createMemory(maxEntries: number): Remember {
  const answers = new Map<string, Promise<unknown>>()
  return <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const known = answers.get(key)
    // Only one kind of question is asked under a key, so that its answer has the type of the first.
    if (known !== undefined) return known as Promise<T>
    const answer = ask()
    answers.set(key, answer)
    answer.catch(() => answers.delete(key))
    const [oldest] = answers.keys()
    if (answers.size > maxEntries && oldest !== undefined) answers.delete(oldest)
    return answer
  }
}
