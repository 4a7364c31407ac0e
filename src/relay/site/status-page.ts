import { html, raw } from 'hono/html'
import type { RouteReport } from '../reconcile/reconcile.ts'
import { inWords } from '../reconcile/reconcile-log.ts'
import { version } from '../version.ts'
import { duration, isAllWell, type Markup, pageChecks } from './page-checks.ts'
import type { PageFacts } from './page-facts.ts'
import type { PastDelivery } from './recent-deliveries.ts'
import { pageStyle } from './status-page-style.ts'

/** The outcomes as the page shows them. */
const outcomeNames: Record<PastDelivery['outcome'], string> = {
  dispatched: 'Dispatched',
  ignored: 'Ignored',
  refused: 'Refused by GitHub',
  unavailable: 'GitHub not available',
  busy: 'Too many at once',
  'too-large': 'Body too large',
  incomplete: 'Incomplete body',
  compressed: 'Body compressed',
  'not-json': 'Body not JSON',
  'not-an-event': 'Not a webhook payload',
  forbidden: 'Wrong secret',
  unauthorized: 'No secret',
}

/** Renders the page of `GET /`. The template escapes all text from outside. */
export async function renderPage(facts: PageFacts): Promise<string> {
  const { readiness, uptimeMs, hasAdmin, losesMemory, deliveries, looks } = facts
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>auto-retrain relay</title>
<style>${raw(pageStyle)}</style>
</head>
<body>
<header>
<h1>auto-retrain relay</h1>
<p>This relay receives the <a href="https://huggingface.co/docs/hub/webhooks">webhooks</a> of Hugging Face datasets and starts the GitHub workflows that retrain models on them.</p>
<p class="lead">${
    isAllWell(facts)
      ? 'Ready: GitHub accepts the token, and every repository can be reached.'
      : readiness.ready
        ? 'Not ready: GitHub did not accept the last event for every repository, and the Hub sends it again.'
        : 'Not ready: events are answered with an error, and the Hub sends them again.'
  }</p>
</header>
<main>
<section aria-labelledby="checks">
<h2 id="checks">Checks</h2>
<ul class="checks">${pageChecks(facts)}</ul>
</section>
${looks === null ? '' : lookList(looks)}
${deliveries === null ? '' : deliveryList(deliveries, facts.serverUrl)}
<section aria-labelledby="counts">
<h2 id="counts">Deliveries since the start</h2>
<dl class="counts">${countList(facts)}</dl>
${losesMemory ? html`<p class="note">This platform can restart the relay at any time, which resets these numbers and the list. The log has every delivery.</p>` : ''}
${hasAdmin && deliveries === null ? html`<p><a href="/deliveries">Show the last deliveries</a> (asks for RELAY_ADMIN_TOKEN as the password)</p>` : ''}
</section>
</main>
<footer><p>Version ${version}, up for ${duration(uptimeMs)}. Webhooks go to <code>POST /webhook</code>.</p></footer>
</body>
</html>`
  return String(await page)
}

function countList({ counts }: PageFacts): Markup[] {
  return Object.entries(outcomeNames).map(
    ([outcome, name]) =>
      html`<div><dt>${name}</dt><dd>${counts[outcome as PastDelivery['outcome']]}</dd></div>`,
  )
}

function deliveryList(deliveries: readonly PastDelivery[], serverUrl: string): Markup {
  const none = html`<p>None yet. The webhook's page on the Hub can send a test event.</p>`
  const list = html`<ol class="deliveries">${deliveries.map((delivery) => deliveryItem(delivery, serverUrl))}</ol>`
  return html`<section aria-labelledby="latest">
<h2 id="latest">Last deliveries</h2>
${deliveries.length === 0 ? none : list}
</section>`
}

function deliveryItem(delivery: PastDelivery, serverUrl: string): Markup {
  const { time, id, outcome, status, reason, dataset, isRename, accepted } = delivery
  const tone = status < 300 && !isRename ? (outcome === 'dispatched' ? 'good' : 'quiet') : 'bad'
  const iso = new Date(time).toISOString()
  return html`<li>
<h3><span class="mark ${tone}">${outcomeNames[outcome]}</span> ${dataset ?? ''}</h3>
<p>${reason}</p>
<p class="small"><time datetime="${iso}">${iso.replace('T', ' ').slice(0, 19)} UTC</time> <code>${id}</code></p>
${accepted.map((repository) => html`<p class="small"><a href="${serverUrl}/${repository}/actions?query=${encodeURIComponent(id)}">Find the run in ${repository}</a></p>`)}
</li>`
}

/** How a reconcile ended as the page shows it, and its colour. */
const lookNames: Record<RouteReport['outcome'], readonly [name: string, tone: string]> = {
  nothing: ['Nothing to do', 'quiet'],
  waiting: ['Waiting', 'quiet'],
  dispatched: ['Dispatched', 'good'],
  failed: ['Failed', 'bad'],
  'not-named': ['Not reconciled', 'quiet'],
}

function lookList(looks: readonly RouteReport[]): Markup {
  return html`<section aria-labelledby="looks">
<h2 id="looks">Last reconcile</h2>
<ol class="deliveries">${looks.map(lookItem)}</ol>
</section>`
}

function lookItem(report: RouteReport): Markup {
  const { route, outcome, id } = report
  const [name, tone] = lookNames[outcome]
  return html`<li>
<h3><span class="mark ${tone}">${name}</span> ${route.dataset}</h3>
<p>${inWords(report)}</p>
<p class="small">${route.ref} for ${route.repository} <code>${id ?? ''}</code></p>
</li>`
}
