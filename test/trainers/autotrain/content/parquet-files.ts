import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A small Parquet file, written by the libraries that AutoTrain pins: `parquet/write.py` wrote them.
 *
 * @param name without the ending
 */
export function readParquetFile(name: string): Uint8Array {
  const [path] = globSync(join(import.meta.dirname, 'parquet', '*', `${name}.parquet`))
  if (path === undefined) throw new Error(`There is no Parquet file called ${name}.`)
  return new Uint8Array(readFileSync(path))
}
