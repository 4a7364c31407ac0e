/** @returns the text of each Mermaid diagram in Markdown */
export function diagramsIn(markdown: string): string[] {
  return Array.from(markdown.matchAll(/^```mermaid\n([\s\S]*?)\n```$/gm), ([, text]) => text ?? '')
}
