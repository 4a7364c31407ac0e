import { type GitStore, objectType, tagSeenAt } from '../git-store.ts'
import type { Repository } from '../github-repositories.ts'
import type { Variables } from './arguments.ts'
import type { Field, Query, Selection } from './parse.ts'
import {
  cursorOf,
  FieldError,
  type RefPage,
  type RefsArguments,
  refPage,
  type ShownRef,
} from './ref-connection.ts'
import { objectTypes } from './schema.ts'
import { argumentsOf } from './validate.ts'

/** Where the answers come from. */
export interface Source {
  /** Throws the FieldError of a repository that the token cannot see. */
  repository(name: string): { repository: Repository; store: GitStore; refs: ReadonlyMap<string, string> }
  /** The time whose tag objects are seen, in milliseconds since the epoch. */
  seenAt: number
}

/** A value with fields: its type, and how each field is found. */
interface Shown {
  type: string
  field(name: string, args: Record<string, unknown>): unknown
}

interface FieldProblem {
  type: string
  path: (string | number)[]
  message: string
}

/**
 * Answers a valid query.
 *
 * @returns `data`, and `errors` with those of single fields, which are null
 */
export function executeQuery(
  query: Query,
  context: { source: Source; variables: Variables },
): { data: unknown; errors?: FieldProblem[] } {
  const errors: FieldProblem[] = []
  const root: Shown = {
    type: 'Query',
    field: (_name, args) => showRepository(context.source, `${args.owner}/${args.name}`),
  }

  function select(shown: Shown, selections: Selection[], path: (string | number)[]): Record<string, unknown> {
    const entries = selections.flatMap((selection): [string, unknown][] => {
      if (selection.kind === 'field')
        return [[selection.alias, answer(shown, selection, [...path, selection.alias])]]
      const fits = selection.type === shown.type || selection.type === 'GitObject'
      return fits ? Object.entries(select(shown, selection.selections, path)) : []
    })
    return Object.fromEntries(entries)
  }

  function answer(shown: Shown, field: Field, path: (string | number)[]): unknown {
    if (field.name === '__typename') return shown.type
    try {
      const type = shown.type in objectTypes ? shown.type : 'GitObject'
      const value = shown.field(field.name, argumentsOf(field, type, context.variables))
      const { selections } = field
      if (value === null || value === undefined) return null
      if (selections === undefined) return value
      if (Array.isArray(value))
        return value.map((item: Shown, index) => select(item, selections, [...path, index]))
      return select(value as Shown, selections, path)
    } catch (error) {
      if (!(error instanceof FieldError)) throw error
      errors.push({ type: error.type, path, message: error.message })
      return null
    }
  }

  const data = select(root, query.selections, [])
  return { data, ...(errors.length > 0 && { errors }) }
}

function shown(type: string, fields: Record<string, (args: Record<string, unknown>) => unknown>): Shown {
  return { type, field: (name, args) => fields[name]?.(args) }
}

function nodeId(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function showRepository(source: Source, name: string): Shown {
  const { repository, store, refs } = source.repository(name)
  const object = (sha: string | undefined) => (sha === undefined ? null : showObject(source, store, sha))
  const showRef = (ref: ShownRef): Shown =>
    shown('Ref', {
      id: () => nodeId(`${repository.name}:${ref.prefix}${ref.name}`),
      name: () => ref.name,
      prefix: () => ref.prefix,
      target: () => object(ref.sha),
    })
  return shown('Repository', {
    id: () => nodeId(`Repository${repository.id}`),
    databaseId: () => repository.id,
    name: () => repository.name.split('/')[1],
    nameWithOwner: () => repository.name,
    isPrivate: () => repository.private,
    object: ({ oid }) => object(typeof oid === 'string' ? oid : undefined),
    ref({ qualifiedName }) {
      const found = findRef(refs, String(qualifiedName))
      return found === undefined ? null : showRef(found)
    },
    // The schema has checked the arguments.
    refs: (args) => showRefs(refPage(refs, args as unknown as RefsArguments), showRef),
  })
}

// Full names first, then short ones: https://docs.github.com/en/graphql/reference/objects#repository (`ref`)
function findRef(refs: ReadonlyMap<string, string>, name: string): ShownRef | undefined {
  const full = [name, `refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`].find((each) =>
    refs.has(each),
  )
  const parts = /^(refs\/[^/]+\/)(.+)$/.exec(full ?? '')
  if (full === undefined || parts === null) return undefined
  return { prefix: parts[1] ?? '', name: parts[2] ?? '', sha: refs.get(full) ?? '' }
}

function showRefs({ totalCount, page }: RefPage, showRef: (ref: ShownRef) => Shown): Shown {
  const edge = (ref: ShownRef, position: number) =>
    shown('RefEdge', { cursor: () => cursorOf(position), node: () => showRef(ref) })
  return shown('RefConnection', {
    totalCount: () => totalCount,
    nodes: () => page().refs.map(showRef),
    edges() {
      const { refs, start } = page()
      return refs.map((ref, index) => edge(ref, start + index))
    },
    pageInfo() {
      const { refs, start } = page()
      const end = start + refs.length
      return shown('PageInfo', {
        hasPreviousPage: () => start > 0,
        hasNextPage: () => end < totalCount,
        startCursor: () => (refs.length === 0 ? null : cursorOf(start)),
        endCursor: () => (refs.length === 0 ? null : cursorOf(end - 1)),
      })
    },
  })
}

function showObject(source: Source, store: GitStore, sha: string): Shown | null {
  const common = { id: () => nodeId(sha), oid: () => sha, abbreviatedOid: () => sha.slice(0, 7) }
  if (objectType(store, sha) === 'commit') return shown('Commit', common)
  const tag = tagSeenAt(store, sha, source.seenAt)
  if (tag === undefined) return null
  return shown('Tag', {
    ...common,
    message: () => tag.message,
    name: () => tag.tag,
    target: () => showObject(source, store, tag.object.sha),
    tagger: () =>
      shown('GitActor', {
        name: () => tag.tagger.name,
        email: () => tag.tagger.email,
        date: () => tag.tagger.date,
      }),
  })
}
