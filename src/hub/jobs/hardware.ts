import { listJobHardware } from '@huggingface/hub'
import * as z from 'zod/mini'
import type { Hub } from '../hub.ts'

const hardwareSchema = z.object({
  name: z.string().check(z.regex(/^[\w.-]{1,100}$/)),
  unitCostUSD: z.number().check(z.gte(0)),
  unitLabel: z.string(),
})

/** One kind of hardware of Hugging Face Jobs. */
export interface Hardware {
  /** The value of `hardware` in a recipe. */
  readonly name: string
  /** In USD; null when it is not priced per minute. */
  readonly perMinute: number | null
}

/**
 * Lists the hardware of Hugging Face Jobs with the Hub's prices, once in a run.
 * https://huggingface.co/docs/hub/api#get-apijobshardware
 *
 * @returns the hardware; entries of an unknown form are left out
 */
export function listHardware(hub: Hub, signal?: AbortSignal): Promise<readonly Hardware[]> {
  return hub.once('hardware', () => ask(hub, signal))
}

async function ask(hub: Hub, signal: AbortSignal | undefined): Promise<Hardware[]> {
  const answer: unknown[] = await listJobHardware({
    ...hub.access(signal),
  })
  return answer.flatMap((entry) => {
    const { success, data } = hardwareSchema.safeParse(entry)
    if (!success) return []
    return [{ name: data.name, perMinute: data.unitLabel === 'minute' ? data.unitCostUSD : null }]
  })
}
