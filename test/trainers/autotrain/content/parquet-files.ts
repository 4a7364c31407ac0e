import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A small Parquet file, written by the libraries that AutoTrain pins: `parquet/write.py` wrote them.
 *
 * @param name without the ending
 */
export function readParquetFile(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(import.meta.dirname, 'parquet', `${name}.parquet`)))
}
