import { isObject, jsonObject, plainText, type ReadWords, textOrNull } from '../http/answers/words.ts'

/**
 * Reads what the Hub says about a refusal: the header `X-Error-Message`, else a field of the body. Its own services use
 * different fields; AutoTrain's is `detail`.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/utils/_http.py
 */
export const readHubWords: ReadWords = ({ headers, body }) => {
  const header = textOrNull(headers.get('x-error-message'))
  if (header !== null) return header
  const answer = jsonObject(body)
  if (answer === null) return plainText(body)
  const fields = [answer.error, answer.message, answer.detail, answer.msg, answer.reason, answer.title]
  const found = fields.flatMap((field) => textsOf(field).join('; ') || [])
  const details = [...textsOf(answer.error_description), ...textsOf(answer.errors)].join('; ')
  return (
    [...found.slice(0, 1), ...(details === '' || details === found[0] ? [] : [details])].join(': ') || null
  )
}

/** The texts of a field: a text, an object with a text, or a list of these. */
function textsOf(field: unknown): string[] {
  if (Array.isArray(field))
    return field.slice(0, 10).flatMap((item: unknown) => (Array.isArray(item) ? [] : textsOf(item)))
  const text = isObject(field) ? (textOrNull(field.message) ?? textOrNull(field.msg)) : textOrNull(field)
  return text === null ? [] : [text]
}
