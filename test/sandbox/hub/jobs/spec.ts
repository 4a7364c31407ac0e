import * as z from 'zod/mini'
import { badRequest } from '../errors.ts'
import { FLAVORS } from './hardware.ts'

/** https://huggingface.co/docs/hub/api#jobs gives every pattern and limit below. */
const labelKey = z.string().check(z.maxLength(100), z.regex(/^[a-zA-Z0-9._-]+$/))
const labelValue = z.string().check(z.maxLength(100), z.regex(/^[a-zA-Z0-9._-]*$/))

/** The labels of a Job. */
export const labelsSchema = z.record(labelKey, labelValue)

const volumeSchema = z.object({
  type: z.enum(['bucket', 'model', 'dataset', 'space']),
  source: z.string(),
  mountPath: z.string().check(z.regex(/^\/.*/)),
  revision: z.optional(z.string()),
  readOnly: z.optional(z.boolean()),
  path: z.optional(z.string()),
})

/** Names by which the Jobs of a group find each other: lengths and letters as the official client has them. */
const networkName = (longest: number) => z.string().check(z.regex(/^[a-z0-9-]+$/), z.maxLength(longest))

const networkSchema = z.object({
  group: networkName(46),
  aliases: z.optional(
    z.array(networkName(34)).check(z.refine((names) => new Set(names).size === names.length)),
  ),
})

const ports = z.array(z.int().check(z.minimum(1), z.maximum(65_535))).check(z.maxLength(20))

/** A public port is exposed, too: `_build_expose_payload` in `_jobs_api.py` of huggingface_hub 2.4. */
const exposeSchema = z
  .object({ ports, portsPublic: z.optional(ports) })
  .check(z.refine(({ ports: all, portsPublic = [] }) => portsPublic.every((port) => all.includes(port))))

const specSchema = z.object({
  flavor: z.string().check(z.refine((name) => FLAVORS.includes(name))),
  dockerImage: z.optional(z.string().check(z.minLength(1))),
  spaceId: z.optional(z.string().check(z.minLength(1))),
  command: z.optional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1))),
  arguments: z.optional(z.array(z.string())),
  environment: z._default(z.record(z.string().check(z.regex(/^[a-zA-Z][_a-zA-Z0-9]+$/)), z.string()), {}),
  secrets: z._default(z.record(z.string().check(z.regex(/^[a-zA-Z][_a-zA-Z0-9]*$/)), z.string()), {}),
  arch: z.optional(z.enum(['amd64', 'arm64'])),
  timeoutSeconds: z.nullish(z.int().check(z.positive())),
  attempts: z._default(z.int().check(z.minimum(1)), 1),
  labels: z.optional(labelsSchema),
  volumes: z.optional(z.array(volumeSchema).check(z.minLength(1))),
  expose: z.optional(exposeSchema),
  network: z.optional(networkSchema),
  ssh: z.optional(z.object({ enabled: z.boolean() })),
  resourceGroupId: z.optional(z.string().check(z.regex(/^[0-9a-fA-F]{24}$/))),
})

/** One mount of a Job. */
export type Volume = z.infer<typeof volumeSchema>

/** What a Job is to run. */
export type JobSpec = z.infer<typeof specSchema> & { dockerImage: string }

/** The body of `POST /api/jobs/{namespace}`. */
export const jobBody = specSchema

/** What a Job here could not do, although the request is right: to say so is better than to leave it out. */
function checkPossible({ expose, network, ssh, resourceGroupId }: z.infer<typeof specSchema>): void {
  const impossible = [
    expose !== undefined && 'exposes no ports of Jobs',
    network !== undefined && 'has no network between Jobs',
    ssh?.enabled && 'has no SSH into Jobs',
    resourceGroupId !== undefined && 'has no resource groups',
  ].find((what) => typeof what === 'string')
  if (impossible !== undefined) throw badRequest(`The sandbox Hub ${impossible}`)
}

/** @returns the spec; throws the 400 of a combination that the schema alone cannot refuse */
export function checkSpec(body: z.infer<typeof specSchema>): JobSpec {
  const { dockerImage, spaceId, volumes = [] } = body
  if ((dockerImage === undefined) === (spaceId === undefined)) {
    throw badRequest('Exactly one of dockerImage and spaceId must be given')
  }
  if (dockerImage === undefined) throw badRequest('The sandbox Hub has no Spaces to run')
  checkPossible(body)
  if (volumes.some(({ type }) => type === 'space')) throw badRequest('The sandbox Hub has no spaces to mount')
  if (volumes.some(({ type, revision }) => type === 'bucket' && revision !== undefined)) {
    throw badRequest('A bucket has no revisions')
  }
  if (new Set(volumes.map(({ mountPath }) => mountPath)).size < volumes.length) {
    throw badRequest('Two volumes have the same mountPath')
  }
  return { ...body, dockerImage }
}
