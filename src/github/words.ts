import { isObject, jsonObject, plainText, type ReadWords, textOrNull } from '../http/answers/words.ts'

/**
 * Reads what GitHub says about a refusal: `message`, and the details in `errors`, which GraphQL has alone. What stands
 * between this program and GitHub may use `error` instead.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed
 */
export const readGitHubWords: ReadWords = ({ body }) => {
  const answer = jsonObject(body)
  if (answer === null) return plainText(body)
  const details = errorsOf(answer.errors)
  const message = textOrNull(answer.message) ?? textOrNull(answer.error) ?? textOrNull(answer.detail)
  return (
    [...(message === null ? [] : [message]), ...(details.length === 0 ? [] : [details.join('; ')])].join(
      ': ',
    ) || null
  )
}

/** The texts in `errors`; each is a text, has a `message`, or names a field and what is wrong with it. */
export function errorsOf(errors: unknown): string[] {
  if (typeof errors === 'string') return errors.trim() === '' ? [] : [errors]
  if (!Array.isArray(errors)) return []
  return errors.slice(0, 10).flatMap((error: unknown) => {
    if (!isObject(error)) return textOrNull(error) ?? []
    const message = textOrNull(error.message)
    if (message !== null) return message
    return [error.resource, error.field, error.code].flatMap((part) => textOrNull(part) ?? []).join(' ') || []
  })
}
