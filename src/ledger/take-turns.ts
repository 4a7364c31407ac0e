/**
 * Selects from a list that is too long to process at once: its first items, and some of the others, beginning at a place
 * that differs from turn to turn. No state is kept between turns.
 *
 * @param options.first how many items from the beginning are always selected
 * @param options.others how many other items to select
 * @param options.turn an integer, 0 or more, that differs from turn to turn; the others begin at this index, modulo
 *   their number
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
