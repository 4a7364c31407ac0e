/**
 * A length of time for people: `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`.
 *
 * @param ms milliseconds
 */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return join(minutes, 'min', seconds % 60, 's')
  return join(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

function join(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`
}

/** An amount in USD, with two digits, or more where that would show nothing. */
export function formatUsd(amount: number): string {
  return `$${amount !== 0 && amount < 0.01 ? amount.toPrecision(1) : amount.toFixed(2)}`
}

/** The first seven digits of a commit, as git shows them. */
export function shortRevision(revision: string): string {
  return revision.slice(0, 7)
}
