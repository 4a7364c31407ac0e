import { render } from '../report/markdown/render.ts'

/**
 * The rules of GitHub's style sheet that decide what fits on a phone and how a report reads.
 * https://github.com/sindresorhus/github-markdown-css
 */
const style = `
  body { font: 16px/1.5 -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif, "Noto Color Emoji";
    color: #1f2328; background: #fff; margin: 0 auto; max-width: 980px; padding: 24px 16px; overflow-wrap: break-word }
  h1, h2 { padding-bottom: .3em; border-bottom: 1px solid #d1d9e0 } h1, h2, h3 { margin: 24px 0 16px; line-height: 1.25 }
  a { color: #0969da; text-decoration: none }
  table { display: block; width: max-content; max-width: 100%; overflow: auto; border-collapse: collapse; margin: 0 0 16px }
  th, td { padding: 6px 13px; border: 1px solid #d1d9e0; text-align: left } tr:nth-child(2n) { background: #f6f8fa }
  code { background: #eff1f3; padding: .2em .4em; border-radius: 6px; font: 85% ui-monospace, "DejaVu Sans Mono", monospace; white-space: break-spaces }
  pre { background: #f6f8fa; padding: 16px; border-radius: 6px; overflow: auto; line-height: 1.45 }
  pre code { background: none; padding: 0; white-space: pre }
  h2 code, h3 code { font-size: inherit; padding: 0 .2em } details { margin: 0 0 16px } summary { cursor: pointer }
  pre.mermaid { margin: 0 0 16px; background: none; border: 1px solid #d1d9e0 }
  .post { border: 1px solid #d1d9e0; border-radius: 8px; padding: 8px 16px; margin: 16px 0 }
  @media (min-width: 600px) { body { padding: 32px } }`

/**
 * Builds an HTML page from Markdown, in which Mermaid can draw each diagram.
 *
 * @param posts Markdown texts; several are shown as a list of posts
 */
export function pageOf(posts: readonly string[]): string {
  const bodies = posts.map((markdown) =>
    render(markdown).replaceAll(
      /<pre><code class="language-mermaid">([\s\S]*?)<\/code><\/pre>/g,
      '<pre class="mermaid">$1</pre>',
    ),
  )
  const content =
    bodies.length === 1 ? bodies[0] : bodies.map((body) => `<div class="post">${body}</div>`).join('')
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Report</title><style>${style}</style><body>${content}</body></html>`
}
