const esc = String.fromCharCode(0x1b)
const bell = String.fromCharCode(0x07)

/**
 * Control sequences of terminals (ECMA-48): colours and movements, titles and links, and the short ones. No part can
 * match what the next one matches, and none passes over the next escape: the time grows with the text only. Node's
 * `stripVTControlCharacters` takes seconds for a line of 100 kB.
 */
const sequence = new RegExp(
  [
    `(?:${esc}\\[|\u009b)[0-?]*[ -/]*[@-~]`,
    `${esc}\\][^${bell}${esc}\u009c]*(?:${bell}|${esc}\\\\|\u009c)`,
    `${esc}[ -/]*[0-Z\\\\^-~]`,
  ].join('|'),
  'g',
)

/** Removes what a terminal would not show: colours, movements of the cursor, titles, the targets of links. */
export function withoutSequences(text: string): string {
  return text.includes(esc) || text.includes('\u009b') ? text.replaceAll(sequence, '') : text
}
