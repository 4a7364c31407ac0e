/** The part of the rows that AutoTrain sets aside for validation. */
const validShare = 0.2

/**
 * Why AutoTrain cannot set a fifth of the rows aside so that each class is in both parts. It does so with scikit-learn,
 * which rounds the rows of each class down and gives what is left to the classes that lost most.
 * https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.train_test_split.html
 *
 * @param counts rows by class, of all rows
 * @param options.needsAll whether the rows that are set aside must have one of each class
 * @returns the end of a sentence about the classes, and one that is at fault; null where it can, or chance decides
 */
export function whyNotStratified(
  counts: ReadonlyMap<string, number>,
  { needsAll }: { needsAll: boolean },
): { readonly why: string; readonly label: string } | null {
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const valid = Math.ceil(rows * validShare)
  const [smallest = ''] = [...counts].toSorted(([, a], [, b]) => a - b).map(([label]) => label)
  if ((counts.get(smallest) ?? 0) < 2) return { label: smallest, why: 'has one row, and AutoTrain needs two' }
  if (valid < counts.size) {
    const why = `is one of ${counts.size}, and AutoTrain sets only ${valid} of ${rows} rows aside for validation, which needs one of each`
    return { label: smallest, why }
  }
  const label = needsAll ? classWithoutValidation(counts, { rows, train: rows - valid }) : null
  const why = `has so few of the ${rows} rows that AutoTrain sets none of them aside for validation, which needs one of each`
  return label === null ? null : { label, why }
}

function classWithoutValidation(
  counts: ReadonlyMap<string, number>,
  { rows, train }: { rows: number; train: number },
): string | null {
  const shares = [...counts].map(([label, count]) => {
    const exact = (count * train) / rows
    return { label, count, floor: Math.floor(exact), rest: exact - Math.floor(exact) }
  })
  const extra = train - shares.reduce((sum, { floor }) => sum + floor, 0)
  const rests = shares.map(({ rest }) => rest).toSorted((a, b) => b - a)
  // Where rests are equal, chance decides which class gets the extra row.
  const last = rests[extra - 1] ?? Number.POSITIVE_INFINITY
  const next = rests[extra] ?? Number.NEGATIVE_INFINITY
  const isChance = last - next < 1e-9
  const lost = shares.find(({ count, floor, rest }) => {
    const isSure = isChance ? rest > last + 1e-9 : rest >= last
    return count - floor - (isSure ? 1 : 0) === 0
  })
  return lost?.label ?? null
}
