import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** A line that is longer comes in pieces, in characters: output without line ends must not fill the memory. */
const maxLineLength = 65_536

/**
 * Gives the lines of a stream one by one, as they come: UTF-8, ended by a line feed.
 *
 * @returns a promise that resolves when the stream has ended or broken off; never rejects
 */
export async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8')
  let begun = ''
  const take = (text: string): void => {
    const lines = `${begun}${text}`.split('\n')
    begun = lines.pop() ?? ''
    for (const line of lines) onLine(line)
    if (begun.length <= maxLineLength) return
    onLine(begun)
    begun = ''
  }
  try {
    for await (const chunk of stream) take(decoder.write(chunk))
  } catch {
    // What came until now is what there is.
  }
  take(decoder.end())
  if (begun !== '') onLine(begun)
}
