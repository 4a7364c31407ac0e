/** @returns the items in another order (Fisher-Yates) */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items]
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1))
    const held = mixed[index] as T
    mixed[index] = mixed[other] as T
    mixed[other] = held
  }
  return mixed
}
