/** Ends a clause as a sentence; a question has its mark already. */
export function asSentence(clause: string): string {
  return clause.endsWith('?') ? clause : `${clause}.`
}
