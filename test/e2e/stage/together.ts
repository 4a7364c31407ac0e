/** Runs that were begun together; each is waited for where it is looked at. */
export interface Together<K, T> {
  of(key: K): Promise<T>
}

/**
 * Begins the work for all rows of a table at once, so that the runner's machines are used, and hands out each
 * row's result to its own test.
 */
export function together<K, T>(rows: readonly K[], work: (row: K) => Promise<T>): Together<K, T> {
  const begun = new Map(rows.map((row) => [row, work(row)]))
  // A failure belongs to the test that asks for it.
  for (const promise of begun.values()) promise.catch(() => {})
  return {
    of(key) {
      const promise = begun.get(key)
      if (promise === undefined) throw new Error('This row was not begun.')
      return promise
    },
  }
}
