const parameter = String.raw`\s*;\s*([^\s"=;,<>]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"=;,<>]+)))?`
const parameters = new RegExp(parameter, 'g')
const links = new RegExp(String.raw`<([^>]*)>((?:${parameter})*)\s*(?:,\s*|$)`, 'g')

/**
 * Where a list goes on.
 * https://www.rfc-editor.org/rfc/rfc8288#section-3
 *
 * @param header `Link`, null where there is none
 * @returns the address, which may be relative; null on the last page
 * @throws Error when it speaks of a next page in a form that is not understood
 */
export function nextLink(header: string | null): string | null {
  if (header === null) return null
  for (const [, target = '', given = ''] of header.matchAll(links)) {
    for (const [, name, quoted, plain] of given.matchAll(parameters)) {
      const relations = (quoted ?? plain ?? '').toLowerCase().split(/\s+/)
      if (name?.toLowerCase() === 'rel' && relations.includes('next')) return target
    }
  }
  if (/next/i.test(header.replaceAll(links, ''))) {
    throw new Error('The answer names a next page in a form that cannot be understood.')
  }
  return null
}
