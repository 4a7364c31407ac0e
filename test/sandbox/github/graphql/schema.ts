/** A field of the schema. */
export interface FieldDefinition {
  type: string
  /** From the name to the type; one that ends in `!` is required. */
  args?: Record<string, string>
}

const gitObject = { id: { type: 'ID' }, oid: { type: 'GitObjectID' }, abbreviatedOid: { type: 'String' } }

/**
 * The part of GitHub's schema that the sandbox has: the fields of each type that has fields.
 * https://docs.github.com/en/graphql/reference/objects#repository
 */
export const objectTypes: Record<string, Record<string, FieldDefinition>> = {
  Query: {
    repository: { type: 'Repository', args: { owner: 'String!', name: 'String!', followRenames: 'Boolean' } },
  },
  Repository: {
    id: { type: 'ID' },
    databaseId: { type: 'Int' },
    name: { type: 'String' },
    nameWithOwner: { type: 'String' },
    isPrivate: { type: 'Boolean' },
    object: { type: 'GitObject', args: { oid: 'GitObjectID' } },
    ref: { type: 'Ref', args: { qualifiedName: 'String!' } },
    refs: {
      type: 'RefConnection',
      args: {
        refPrefix: 'String!',
        first: 'Int',
        last: 'Int',
        after: 'String',
        before: 'String',
        orderBy: 'RefOrder',
        direction: 'OrderDirection',
        query: 'String',
      },
    },
  },
  RefConnection: {
    totalCount: { type: 'Int' },
    nodes: { type: 'Ref' },
    edges: { type: 'RefEdge' },
    pageInfo: { type: 'PageInfo' },
  },
  RefEdge: { cursor: { type: 'String' }, node: { type: 'Ref' } },
  PageInfo: {
    hasNextPage: { type: 'Boolean' },
    hasPreviousPage: { type: 'Boolean' },
    startCursor: { type: 'String' },
    endCursor: { type: 'String' },
  },
  Ref: {
    id: { type: 'ID' },
    name: { type: 'String' },
    prefix: { type: 'String' },
    target: { type: 'GitObject' },
  },
  GitObject: gitObject,
  Commit: gitObject,
  Tag: {
    ...gitObject,
    message: { type: 'String' },
    name: { type: 'String' },
    tagger: { type: 'GitActor' },
    target: { type: 'GitObject' },
  },
  GitActor: { name: { type: 'String' }, email: { type: 'String' }, date: { type: 'String' } },
}

/** The types that an object of a type may turn out to be. */
export const possibleTypes: Record<string, readonly string[]> = { GitObject: ['Commit', 'Tag'] }

/** https://docs.github.com/en/graphql/reference/enums#reforderfield */
export const enumTypes: Record<string, readonly string[]> = {
  OrderDirection: ['ASC', 'DESC'],
  RefOrderField: ['ALPHABETICAL', 'TAG_COMMIT_DATE'],
}

/** https://docs.github.com/en/graphql/reference/input-objects#reforder */
export const inputTypes: Record<string, Record<string, string>> = {
  RefOrder: { field: 'RefOrderField!', direction: 'OrderDirection!' },
}
