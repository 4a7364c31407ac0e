/** The longest name of a metric, in UTF-16 units. */
const maxMetricNameLength = 100

/** Letters of any script, digits, spaces and signs; of quotes only the apostrophe; no braces, backslashes or invisible characters. */
const printable = /^[^\p{C}\p{Zl}\p{Zp}"`{}\\]+$/u

/**
 * Reads the name of a metric, for logs, cards, `compare-metric` and results alike: what is measured under a name is
 * found under it. Libraries write names such as `eval_cosine_ndcg@10`, `metrics/mAP50(B)` and `timing(s)/gen`.
 *
 * @returns the name with composed accents and without spaces around it; null when it cannot be one
 */
export function metricName(text: string): string | null {
  const name = text
    .slice(0, 4 * maxMetricNameLength)
    .normalize('NFC')
    .replaceAll(/\p{Zs}/gu, ' ')
    .trim()
  if (name.length > maxMetricNameLength || !printable.test(name)) return null
  return name === '__proto__' ? null : name
}
