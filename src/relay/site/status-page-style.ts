/** The style sheet of the page: system fonts, light and dark colours, no external files. Short, because Workers carry it. */
export const pageStyle = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#f6f7f9;--card:#fff;--line:#d5dae0;--good:#14602f;--good-back:#dcf5e3;--bad:#a01722;--bad-back:#ffe3e3;--quiet-back:#e8ebef;--link:#0b57b8}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebef;--soft:#a6b0bb;--paper:#0f1318;--card:#181e25;--line:#2f3842;--good:#86e3a4;--good-back:#12351f;--bad:#ffaaa8;--bad-back:#48171a;--quiet-back:#2a323b;--link:#86b9ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:46rem;padding:1.5rem 1rem 3rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:0}
h2{font-size:1.1rem;margin:0 0 .75rem}
h3{font-size:1rem;margin:0}
p{margin:.35rem 0}
a{color:var(--link)}
a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
code{font:.85em ui-monospace,monospace}
.lead{font-size:1.1rem;color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem 1.25rem;
margin-top:1rem}
ul,ol,dl{list-style:none;margin:0;padding:0}
.checks li{display:flex;gap:.75rem;align-items:baseline;padding:.25rem 0}
.mark{flex:none;font-size:.8rem;font-weight:600;padding:.1rem .55rem;border-radius:1rem;
background:var(--quiet-back)}
.good .mark,.mark.good{color:var(--good);background:var(--good-back)}
.bad .mark,.mark.bad{color:var(--bad);background:var(--bad-back)}
.counts{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:0 1.5rem}
.counts div{display:flex;justify-content:space-between;gap:.75rem;padding:.3rem 0;border-bottom:1px solid var(--line)}
.counts dd{margin:0;font-variant-numeric:tabular-nums;font-weight:600}
.deliveries li{padding:.75rem 0;border-top:1px solid var(--line)}
.deliveries li:first-child{border-top:0;padding-top:0}
.counts + p{margin-top:.75rem}
.small,.note,footer{font-size:.875rem;color:var(--soft)}
footer{margin-top:1.5rem}
`
