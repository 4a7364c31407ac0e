const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Parses a duration such as `90s`, `30m`, `24h` or `7d`.
 *
 * @returns milliseconds, or null when the text is not a duration
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,6})([smhd])$/.exec(text)
  const unit = unitMs[match?.[2] ?? '']
  return match === null || unit === undefined ? null : Number(match[1]) * unit
}
