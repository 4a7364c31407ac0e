import type * as z from 'zod/mini'

/** A refusal in FastAPI's form: `{"detail": ...}`. */
export class ClassicRefusal extends Error {
  readonly status: number
  readonly detail: unknown

  constructor(status: number, detail: unknown) {
    super(typeof detail === 'string' ? detail : 'Unprocessable Entity')
    this.name = 'ClassicRefusal'
    this.status = status
    this.detail = detail
  }
}

/** @returns the answer to a refusal */
export function classicRefusalResponse({ status, detail }: ClassicRefusal): Response {
  return Response.json({ detail }, { status })
}

/** A project or dataset that is not there, or not for this token. */
export const notFound = (what: string) => new ClassicRefusal(404, `${what} not found`)

/** @param where `body` or `path`, and below it */
function unprocessable(issues: readonly { loc: readonly (string | number)[]; msg: string; type: string }[]) {
  return new ClassicRefusal(422, issues)
}

/** @returns a whole number of the path; throws FastAPI's 422 of one that is none */
export function pathId(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw unprocessable([
    { loc: ['path', 'project_id'], msg: 'value is not a valid integer', type: 'type_error.integer' },
  ])
}

/**
 * Reads a body the way FastAPI with pydantic 1 does: https://fastapi.tiangolo.com/tutorial/handling-errors/
 *
 * @returns the body; throws the 422 that lists every field that does not fit
 */
export async function readBody<T>(request: Request, schema: z.ZodMiniType<T>): Promise<T> {
  let value: unknown
  try {
    value = JSON.parse(await request.text())
  } catch {
    throw unprocessable([{ loc: ['body', 0], msg: 'Expecting value', type: 'value_error.jsondecode' }])
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw unprocessable(
    result.error.issues.map(({ path, code }) => {
      const loc = ['body', ...path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
      const isMissing = code === 'invalid_type' && at(value, path) === undefined
      return isMissing
        ? { loc, msg: 'field required', type: 'value_error.missing' }
        : { loc, msg: 'value is not valid', type: `value_error.${code}` }
    }),
  )
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
}
