import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Sends a request on to another server and answers with what that one answered.
 *
 * @param options.target the whole URL
 */
export async function forward(options: {
  request: IncomingMessage
  response: ServerResponse
  target: string
}): Promise<void> {
  const { request, response, target } = options
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  const dropped = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding']
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
    dropped.includes(name) ? [] : values.map((value): [string, string] => [name, value]),
  )
  const answer = await fetch(target, {
    method: request.method ?? 'GET',
    headers,
    redirect: 'manual',
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  })
  const body = Buffer.from(await answer.arrayBuffer())
  const kept = [...answer.headers].filter(
    ([name]) => !['content-encoding', 'content-length', 'transfer-encoding', 'connection'].includes(name),
  )
  response.writeHead(answer.status, Object.fromEntries(kept)).end(body)
}
