import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

/** Renders the Markdown of a job summary much like GitHub. Its only raw HTML are our own folded sections. */
export function toHtml(markdown: string): string {
  return micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] })
}

/** A script that draws the diagrams with Mermaid, as GitHub does. https://mermaid.js.org */
function mermaidScript(): string {
  const mermaid = createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js')
  const program = readFileSync(mermaid, 'utf8').replaceAll('</script', '<\\/script')
  return `<script>${program}</script>
<script>
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  mermaid.initialize({ startOnLoad: false, theme: dark ? 'dark' : 'default' })
  mermaid.run({ querySelector: 'code.language-mermaid' })
</script>`
}

/**
 * Builds an HTML page that needs no network.
 *
 * @param options.title trusted plain text
 * @param options.note trusted plain text that is shown first
 * @param options.html the content
 */
export function page({ title, note, html }: { title: string; note: string; html: string }): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa }
  @media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #151b23 } }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  h2 { border-bottom: 1px solid var(--line); padding-bottom: .3em }
  table { border-collapse: collapse; margin: 1rem 0 }
  th, td { border: 1px solid var(--line); padding: .4rem .8rem; text-align: left }
  thead:not(:has(th:not(:empty))) { display: none }
  code, pre { background: var(--soft); border-radius: 6px; padding: .15em .35em; font-size: 85% }
  pre { padding: 1rem; overflow: auto }
  pre code { padding: 0 }
  .note { background: var(--soft); border-left: .25rem solid var(--line); padding: .5rem 1rem }
</style>
<p class="note">${note}</p>
${html}
${mermaidScript()}
</html>
`
}
