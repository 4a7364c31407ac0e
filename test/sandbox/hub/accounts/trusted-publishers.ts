import { createPublicKey, verify } from 'node:crypto'
import * as z from 'zod/mini'

/** A CI job that may act for a repository without a stored token: https://huggingface.co/docs/hub/trusted-publishers */
interface TrustedPublisher {
  /** `namespace/name` of a model, `datasets/namespace/name`, or the name of a user. */
  resource: string
  /** `iss` of its id tokens. */
  issuer: string
  /** Its public key, as PEM: RS256 only. */
  publicKey: string
  /** What an id token must say, to the letter: `repository`, `workflow_ref`, `environment`, ... */
  claims: Readonly<Record<string, string>>
}

/** All trusted publishers of the Hub. */
export interface TrustedPublishers {
  trust(publisher: TrustedPublisher): void
  /** Whether an id token proves to be one that may act for the resource. */
  accepts(idToken: string, options: { resource: string; audience: string; now: Date }): boolean
}

const headerSchema = z.object({ alg: z.literal('RS256') })
const claimsSchema = z.looseObject({ iss: z.string(), aud: z.string(), exp: z.number() })

function decoded<T>(part: string, schema: z.ZodMiniType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(Buffer.from(part, 'base64url').toString()))
  } catch {
    return undefined
  }
}

/** @returns no publishers yet */
export function createTrustedPublishers(): TrustedPublishers {
  const all: TrustedPublisher[] = []
  return {
    trust: (publisher) => all.push(publisher),
    accepts(idToken, { resource, audience, now }) {
      const [header = '', payload = '', signature = '', ...rest] = idToken.split('.')
      const claims = decoded(payload, claimsSchema)
      if (rest.length > 0 || claims === undefined || decoded(header, headerSchema) === undefined) return false
      if (claims.aud !== audience || claims.exp * 1000 <= now.getTime()) return false
      const signed = Buffer.from(`${header}.${payload}`)
      return all.some(
        (publisher) =>
          publisher.resource === resource &&
          publisher.issuer === claims.iss &&
          Object.entries(publisher.claims).every(([name, value]) => claims[name] === value) &&
          verify('sha256', signed, createPublicKey(publisher.publicKey), Buffer.from(signature, 'base64url')),
      )
    },
  }
}
