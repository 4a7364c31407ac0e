/** The text of each diagram in Markdown. */
export function diagramsIn(markdown: string): string[] {
  return Array.from(markdown.matchAll(/^```mermaid\n([\s\S]*?)\n```$/gm), ([, text]) => text ?? '')
}
