import { JSDOM } from 'jsdom'

/** Mermaid sanitises labels with DOMPurify, which needs a DOM before Mermaid is loaded. */
const { window } = new JSDOM('')
Object.assign(globalThis, { window, document: window.document })
const { default: mermaid } = await import('mermaid')

/**
 * Parses a diagram as a browser would.
 *
 * @returns its kind, such as `xychart`
 * @throws Error with Mermaid's message when the diagram is invalid
 */
export async function parseDiagram(text: string): Promise<string> {
  const { diagramType } = await mermaid.parse(text)
  return diagramType
}
