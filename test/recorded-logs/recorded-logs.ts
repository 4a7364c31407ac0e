import { readFileSync } from 'node:fs'

/**
 * Reads a file that a training with AutoTrain 0.8.36 left, on a CPU with tiny models: what it printed, or its model's
 * card. In `merged-stderr` both of its outputs were one pipe.
 */
export function recordedLog(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}
