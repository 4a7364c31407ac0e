import { closestMatch } from 'leven'
import type { Recipe } from '../../../domain/recipe.ts'
import { formatDuration, formatUsd } from '../../../domain/text/format.ts'
import { Refused } from '../../../domain/verdict.ts'
import type { Hub } from '../../../hub/hub.ts'
import type { Hardware } from '../../../hub/jobs/hardware.ts'
import { listHardware } from '../../../hub/jobs/hardware.ts'

const minuteMs = 60_000

/** Amounts closer than this are equal, in USD: prices are not exact in binary. */
const tolerance = 1e-9

/** The price of a run, in USD. */
export interface Price {
  readonly perMinute: number
  /** For the whole timeout. */
  readonly max: number
}

/**
 * Gets the price of a recipe's hardware from the Hub.
 *
 * @throws Refused when there is no such hardware, or it has no price
 */
export async function priceOf(hub: Hub, recipe: Recipe, signal: AbortSignal): Promise<Price> {
  const all = await listHardware(hub, signal)
  const chosen = all.find(({ name }) => name === recipe.hardware)
  if (chosen === undefined) {
    throw new Refused(
      `hardware: Hugging Face Jobs has no ${recipe.hardware}${nearHardware(recipe.hardware, all)} ` +
        `Available, by the hour: ${priceList(all)}.`,
    )
  }
  const { perMinute } = chosen
  if (perMinute === null) {
    throw new Refused(
      `hardware: ${recipe.hardware} has no price by the minute, so the maximum cost of a run is unknown. ` +
        `With a price, by the hour: ${priceList(all)}.`,
    )
  }
  return { perMinute, max: costOf(perMinute, recipe.timeout) }
}

/** @throws Refused when a run up to its timeout costs more than the recipe's `max-cost` */
export function checkCeiling({ perMinute, max }: Price, recipe: Recipe): void {
  if (max <= recipe.maxCost + tolerance) return
  throw new Refused(
    `max-cost: a run on ${recipe.hardware} can cost ${formatUsd(max)} ` +
      `(${formatDuration(recipe.timeout)} at ${formatUsd(perMinute * 60)} an hour), more than the limit of ` +
      `${formatUsd(recipe.maxCost)}: raise max-cost, ${shorter(perMinute, recipe.maxCost)}or use cheaper hardware.`,
  )
}

/**
 * The price of hardware by the minute, in USD; null when the Hub does not give it. A run is followed without its price
 * too.
 *
 * @throws the signal's reason once it is aborted
 */
export async function currentPrice(hub: Hub, hardware: string, signal: AbortSignal): Promise<number | null> {
  try {
    const all = await listHardware(hub, signal)
    return all.find(({ name }) => name === hardware)?.perMinute ?? null
  } catch {
    signal.throwIfAborted()
    return null
  }
}

/**
 * The cost of a run in USD. The Hub bills by the minute; a started minute counts as a whole one here.
 * https://huggingface.co/docs/hub/jobs-pricing
 *
 * @param runMs how long it ran
 */
export function costOf(perMinute: number, runMs: number): number {
  return perMinute * Math.ceil(runMs / minuteMs)
}

/** The hardware that was probably meant, as the end of a sentence with its mark. */
function nearHardware(given: string, all: readonly Hardware[]): string {
  const names = all.map(({ name }) => name)
  const begun = names.filter((name) => name.startsWith(given) || `-${given}-`.includes(`-${name}-`))
  const nearest = closestMatch(given, names, { maxDistance: Math.min(3, Math.ceil(given.length / 4)) })
  const near = begun.length > 0 ? begun : nearest === undefined ? [] : [nearest]
  return near.length === 0 || near.length > 6 ? '.' : `: did you mean ${near.join(' or ')}?`
}

function shorter(perMinute: number, maxCost: number): string {
  const minutes = Math.floor((maxCost + tolerance) / perMinute)
  return minutes < 1 ? '' : `shorten timeout to ${minutes}m, `
}

function priceList(all: readonly Hardware[]): string {
  const priced = all.flatMap(({ name, perMinute }) => (perMinute === null ? [] : [{ name, perMinute }]))
  return priced
    .toSorted((a, b) => a.perMinute - b.perMinute)
    .map(({ name, perMinute }) => `${name} (${formatUsd(perMinute * 60)})`)
    .join(', ')
}
