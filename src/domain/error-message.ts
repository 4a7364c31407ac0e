/** What an error says; anything may be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** More causes than this are a loop. */
const maxCauses = 10

/** An error and its causes, outermost first, each as `Name: message`. Anything may be thrown. */
export function causeChain(error: unknown): string[] {
  const chain: string[] = []
  let current = error
  while (current !== undefined && current !== null && chain.length < maxCauses) {
    chain.push(current instanceof Error ? `${current.name}: ${current.message}` : String(current))
    current = current instanceof Error ? current.cause : undefined
  }
  return chain
}
