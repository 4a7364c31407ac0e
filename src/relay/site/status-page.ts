import { html, raw } from 'hono/html'
import { version } from '../version.ts'
import type { Readiness } from './readiness.ts'
import type { PastDelivery, RecentDeliveries } from './recent-deliveries.ts'
import { pageStyle } from './status-page-style.ts'

/** What the page shows. */
export interface PageFacts {
  readonly readiness: Readiness
  readonly counts: ReturnType<RecentDeliveries['counts']>
  /** Whether a watched dataset has another name now. */
  readonly hasRename: boolean
  /** Milliseconds since the start. */
  readonly uptimeMs: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Whether RELAY_ADMIN_TOKEN is set, so that the page links to the list. */
  readonly hasAdmin: boolean
  /** Whether the platform may lose the counts and the list between requests. */
  readonly losesMemory: boolean
  /** Null without the password. */
  readonly deliveries: readonly PastDelivery[] | null
  /** GitHub's web pages, for links. */
  readonly serverUrl: string
}

type Markup = ReturnType<typeof html>

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
  const { readiness, uptimeMs, hasAdmin, losesMemory, deliveries } = facts
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
    readiness.ready
      ? 'Ready: GitHub accepts the token, and every repository can be reached.'
      : 'Not ready: events are answered with an error, and the Hub sends them again.'
  }</p>
</header>
<main>
<section aria-labelledby="checks">
<h2 id="checks">Checks</h2>
<ul class="checks">${checks(facts)}</ul>
</section>
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

function checks({ readiness, hasRename, now }: PageFacts): Markup[] {
  const { token, reachable, repositories, checkedAt } = readiness
  const tokenTexts = {
    accepted: 'GitHub accepts the token.',
    refused: 'GitHub refuses the token: the log says why.',
    unknown: 'GitHub did not answer, so the token was not checked.',
  }
  const age = duration(now - checkedAt)
  return [
    check(true, 'The webhook secret is set.'),
    check(token === 'accepted', tokenTexts[token]),
    check(
      reachable === repositories,
      `${reachable} of ${repositories} repositories can be reached (${age} ago).`,
    ),
    ...(hasRename ? [check(false, 'A watched dataset was renamed: see the log.')] : []),
  ]
}

function check(isGood: boolean, text: string): Markup {
  return html`<li class="${isGood ? 'good' : 'bad'}"><span class="mark">${isGood ? 'Passed' : 'Failed'}</span> ${text}</li>`
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

function duration(ms: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const
  const [name, length] = units.find(([, unit]) => ms >= unit) ?? ['second', 1000]
  const count = Math.floor(ms / length)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
