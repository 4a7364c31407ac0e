import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Longer lines arrive in pieces, in characters: output without line ends must not fill the memory. */
const maxLineLength = 65_536

/**
 * Reads a stream line by line, as UTF-8 with line feeds.
 *
 * @param onLine gets each line as soon as it is complete
 * @returns a promise that resolves when the stream has ended or failed; never rejects
 */
export async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8')
  let partial = ''
  const take = (text: string): void => {
    const lines = `${partial}${text}`.split('\n')
    partial = lines.pop() ?? ''
    for (const line of lines) onLine(line)
    if (partial.length <= maxLineLength) return
    onLine(partial)
    partial = ''
  }
  try {
    for await (const chunk of stream) take(decoder.write(chunk))
  } catch {
    // A broken stream has no more lines; those before it count.
  }
  take(decoder.end())
  if (partial !== '') onLine(partial)
}
