/**
 * Of a list that may be too long to go through at once: its first, and as many of the others as fit, from a place
 * that differs from turn to turn. Nobody has to remember where the last turn ended.
 *
 * @param options.first how many from the beginning are always among them
 * @param options.others how many more there may be
 * @param options.turn a whole number, 0 or more, any other for each turn; the others begin there, counted around
 */
export function takeTurns<T>(
  list: readonly T[],
  options: { first: number; others: number; turn: number },
): T[] {
  const { first, others, turn } = options
  const rest = list.slice(first)
  const begin = rest.length === 0 ? 0 : turn % rest.length
  return [...list.slice(0, first), ...[...rest.slice(begin), ...rest.slice(0, begin)].slice(0, others)]
}
