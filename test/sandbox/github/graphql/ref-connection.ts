/** An error at one field, which is null then: the rest of the answer stays. */
export class FieldError extends Error {
  readonly type: string

  constructor(type: string, message: string) {
    super(message)
    this.name = 'FieldError'
    this.type = type
  }
}

/** A ref as GraphQL shows it: prefix and name make the full name. */
export interface ShownRef {
  prefix: string
  name: string
  sha: string
}

/** The arguments of `refs`, which the schema has checked. */
export interface RefsArguments {
  refPrefix: string
  first?: number
  last?: number
  after?: string
  before?: string
  orderBy?: { field: string; direction: 'ASC' | 'DESC' }
  direction?: 'ASC' | 'DESC'
  query?: string
}

/** A page of refs; refuses to show `nodes` and `edges` where the query did not say how many. */
export interface RefPage {
  totalCount: number
  page(): { refs: ShownRef[]; start: number }
}

/**
 * The refs below a prefix. Their names are relative to it. Each ordering is by name: an order by commit date is only
 * documented for `refs/tags/`, and the sandbox has one commit.
 * https://docs.github.com/en/graphql/reference/objects#repository and .../reference/enums#reforderfield
 *
 * @param refs all that GraphQL sees
 * @throws FieldError for a prefix of a form that is not documented
 */
export function refPage(refs: ReadonlyMap<string, string>, args: RefsArguments): RefPage {
  const { refPrefix: prefix, query = '' } = args
  // What GitHub makes of `refs/heads/fea` is not documented: the sandbox refuses it, so that nothing relies on it.
  if (!/^refs\/(?:.*\/)?$/.test(prefix)) {
    throw new FieldError('UNPROCESSABLE', `A refPrefix begins with refs/ and ends with a slash: ${prefix}`)
  }
  const all = [...refs]
    .filter(([ref]) => ref.startsWith(prefix))
    .map(([ref, sha]): ShownRef => ({ prefix, name: ref.slice(prefix.length), sha }))
    .filter(({ name }) => name.includes(query))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const direction = args.orderBy?.direction ?? args.direction ?? 'ASC'
  const ordered = direction === 'DESC' ? all.reverse() : all
  return {
    totalCount: ordered.length,
    page() {
      checkBoundaries(args)
      const from = args.after === undefined ? 0 : positionOf(args.after)
      const to = args.before === undefined ? ordered.length : positionOf(args.before) - 1
      const between = ordered.slice(from, to)
      const start = args.last === undefined ? 0 : Math.max(0, between.length - args.last)
      return {
        refs: between.slice(start, args.last === undefined ? args.first : undefined),
        start: from + start,
      }
    },
  }
}

// https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit
function checkBoundaries({ first, last }: RefsArguments): void {
  if (first === undefined && last === undefined) {
    throw new FieldError(
      'MISSING_PAGINATION_BOUNDARIES',
      'You must provide a `first` or `last` value to properly paginate the `refs` connection.',
    )
  }
  if (first !== undefined && last !== undefined) {
    throw new FieldError(
      'INVALID_PAGINATION_BOUNDARIES',
      'Passing both `first` and `last` to paginate the `refs` connection is not supported.',
    )
  }
  const count = first ?? last ?? 0
  if (count < 0 || count > 100) {
    const name = first === undefined ? 'last' : 'first'
    throw new FieldError(
      'EXCESSIVE_PAGINATION',
      `Requesting ${count} records on the \`refs\` connection exceeds the \`${name}\` limit of 100 records.`,
    )
  }
}

/** The cursor of the ref at a position, which counts from 0. */
export function cursorOf(position: number): string {
  return Buffer.from(String(position + 1)).toString('base64')
}

function positionOf(cursor: string): number {
  const position = Number(Buffer.from(cursor, 'base64').toString())
  if (!Number.isInteger(position)) {
    throw new FieldError('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`)
  }
  return position
}
