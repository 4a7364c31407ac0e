import { formatDuration, formatUsd } from '../../domain/format.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { Refused } from '../../domain/verdict.ts'
import type { Hub } from '../../hub/hub.ts'
import type { Hardware } from '../../hub/jobs/hardware.ts'
import { listHardware } from '../../hub/jobs/hardware.ts'

const minute = 60_000

/** Money that is less than this apart is the same, in USD: prices are no binary fractions. */
const tolerance = 1e-9

/** What a run costs at most, in USD. */
export interface Price {
  readonly perMinute: number
  readonly max: number
}

/**
 * Asks the Hub for the price of a recipe's hardware and holds it against the recipe's ceiling.
 *
 * @throws Refused when there is no such hardware, or its time limit allows more than `max-cost`
 */
export async function priceOf(hub: Hub, recipe: Recipe, signal: AbortSignal): Promise<Price> {
  const all = await listHardware(hub, signal)
  const chosen = all.find(({ name }) => name === recipe.hardware)
  if (chosen === undefined) {
    throw new Refused(
      `hardware: Hugging Face Jobs has no ${recipe.hardware}; it has, by the hour, ${priceList(all)}.`,
    )
  }
  const { perMinute } = chosen
  if (perMinute === null) {
    throw new Refused(
      `hardware: ${recipe.hardware} has no price by the minute, so nobody can say what a run costs at most; ` +
        `by the hour there are ${priceList(all)}.`,
    )
  }
  const max = costOf(perMinute, recipe.timeout)
  if (max <= recipe.maxCost + tolerance) return { perMinute, max }
  throw new Refused(
    `max-cost: a run on ${recipe.hardware} can cost ${formatUsd(max)} ` +
      `(${formatDuration(recipe.timeout)} at ${formatUsd(perMinute * 60)} an hour), and the ceiling is ` +
      `${formatUsd(recipe.maxCost)}: raise max-cost, ${shorter(perMinute, recipe.maxCost)}or use cheaper hardware.`,
  )
}

/**
 * The price of hardware by the minute, in USD; null when it cannot be had, which must not stop whoever follows a
 * run.
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
 * What a time costs: the Hub counts minutes, and one that was begun is counted here.
 * https://huggingface.co/docs/hub/jobs-pricing
 *
 * @param ms milliseconds
 */
export function costOf(perMinute: number, ms: number): number {
  return perMinute * Math.ceil(ms / minute)
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
