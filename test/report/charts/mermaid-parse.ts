import { JSDOM } from 'jsdom'

/** Mermaid cleans labels with DOMPurify, which needs a page: it has to be there before Mermaid is loaded. */
const { window } = new JSDOM('')
Object.assign(globalThis, { window, document: window.document })
const { default: mermaid } = await import('mermaid')

/**
 * Reads a diagram as the browser would.
 *
 * @returns its kind, such as `xychart`; rejects with Mermaid's own words when it cannot be read
 */
export async function parseDiagram(text: string): Promise<string> {
  const { diagramType } = await mermaid.parse(text)
  return diagramType
}
