import { listJobHardware } from '@huggingface/hub'
import * as z from 'zod/mini'
import type { Hub } from '../hub.ts'

const hardwareSchema = z.object({
  name: z.string().check(z.regex(/^[\w.-]{1,100}$/)),
  unitCostUSD: z.number().check(z.gte(0)),
  unitLabel: z.string(),
})

/** Hardware that Hugging Face Jobs has. */
export interface Hardware {
  /** The name that a recipe gives it. */
  readonly name: string
  /** USD; null when it is not priced by the minute. */
  readonly perMinute: number | null
}

/**
 * The hardware of Hugging Face Jobs with its prices, as the Hub has them today.
 * https://huggingface.co/docs/hub/api#get-apijobshardware
 *
 * @returns entries that cannot be read are left out
 */
export async function listHardware(hub: Hub, signal?: AbortSignal): Promise<Hardware[]> {
  const answer: unknown[] = await listJobHardware({
    ...hub.access(signal),
  })
  return answer.flatMap((entry) => {
    const { success, data } = hardwareSchema.safeParse(entry)
    if (!success) return []
    return [{ name: data.name, perMinute: data.unitLabel === 'minute' ? data.unitCostUSD : null }]
  })
}
