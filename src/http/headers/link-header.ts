const parameter = String.raw`\s*;\s*([^\s"=;,<>]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"=;,<>]+)))?`
const parameters = new RegExp(parameter, 'g')
const links = new RegExp(String.raw`<([^>]*)>((?:${parameter})*)\s*(?:,\s*|$)`, 'g')

/**
 * Finds the next page of a list.
 * https://www.rfc-editor.org/rfc/rfc8288#section-3
 *
 * @param header the value of `Link`; null when the answer has none
 * @returns the address, possibly relative; null on the last page
 * @throws Error when it mentions a next page in a form that this parser does not know
 */
export function nextLink(header: string | null): string | null {
  if (header === null) return null
  for (const [, target = '', attributes = ''] of header.matchAll(links)) {
    for (const [, name, quoted, plain] of attributes.matchAll(parameters)) {
      // Some write the quotes of a shell, and these are no quotes to this header's grammar.
      const relations = (quoted ?? plain?.replaceAll("'", '') ?? '').toLowerCase().split(/\s+/)
      if (name?.toLowerCase() === 'rel' && relations.includes('next')) return target
    }
  }
  if (/next/i.test(header.replaceAll(links, ''))) {
    throw new Error('The Link header mentions a next page in an unknown form.')
  }
  return null
}
