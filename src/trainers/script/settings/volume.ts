/** A repository or a bucket that a script's header mounts. */
export interface ScriptVolume {
  readonly type: 'model' | 'dataset' | 'space' | 'bucket'
  /** `namespace/name`. */
  readonly source: string
  /** Null for the newest commit, and for a bucket. */
  readonly revision: string | null
  /** A folder inside of it; null for all. */
  readonly path: string | null
  readonly mountPath: string
  /** False only for a bucket. */
  readonly readOnly: boolean
}

/** A volume, or what is wrong with it and what to do, as the end of a sentence. */
export type VolumeReading =
  | { readonly isRead: true; readonly volume: ScriptVolume }
  | { readonly isRead: false; readonly problem: string }

const types: Readonly<Record<string, ScriptVolume['type']>> = {
  models: 'model',
  datasets: 'dataset',
  spaces: 'space',
  buckets: 'bucket',
}

/** Where the Job has its code and its data. */
const reserved = ['/code', '/data']

const form = 'write it as "hf://datasets/acme/digits:/digits"'
const idPart = /^(?!.{0,96}(?:\.\.|--))\w(?:[\w.-]{0,94}\w)?$/
const mountForm = /^(?:\/[\w.@+-]{1,100}){1,20}$/

/** A revision with a slash is one of the Hub's own refs; a branch has none. */
const revisionAndPath = /^(refs\/(?:convert\/[\w-]{1,100}|pr\/\d{1,10})|[^/]{1,200})(?:\/(.*))?$/

/**
 * Reads a volume as the `hf` client writes it: `hf://[TYPE/]ID[@REVISION][/PATH]:/MOUNT_PATH[:ro|:rw]`. A folder of the
 * runner is refused, and so are the mount paths of the training itself.
 * https://huggingface.co/docs/huggingface_hub/guides/jobs
 */
export function readVolume(text: string): VolumeReading {
  if (text.length > 2000) return wrong('is too long')
  if (!text.startsWith('hf://')) {
    return wrong(
      `is no repository and no bucket of the Hub: ${form}, and ship your own files with the list "files"`,
    )
  }
  const mode = /:(ro|rw)$/.exec(text)?.[1]
  const body = text.slice('hf://'.length, mode === undefined ? undefined : -3)
  const at = body.lastIndexOf(':/')
  if (at < 1) return wrong(`has no mount path: ${form}`)
  const mountPath = plainPath(body.slice(at + 1))
  if (mountPath === null) return wrong('has a mount path with characters or segments that are not allowed')
  const taken = reserved.find((path) => mountPath === path || mountPath.startsWith(`${path}/`))
  if (taken !== undefined) {
    const what = taken === '/code' ? 'script' : 'dataset'
    return wrong(`is mounted at ${taken}, where the training has its ${what}: choose another mount path`)
  }
  return readSource(body.slice(0, at), { mountPath, mode })
}

function readSource(
  location: string,
  { mountPath, mode }: { mountPath: string; mode: string | undefined },
): VolumeReading {
  const [first = '', ...others] = location.split('/')
  if (['model', 'dataset', 'space', 'bucket'].includes(first))
    return wrong(`has the type ${first}: write ${first}s`)
  if (first === 'kernels') return wrong('is a kernel, which cannot be mounted')
  const type = Object.hasOwn(types, first) ? types[first] : undefined
  const id = type === undefined ? location : others.join('/')
  const kind = type ?? 'model'
  const [namespace = '', rest = '', ...folders] = id.replace(/^\/|\/$/g, '').split('/')
  const mark = rest.indexOf('@')
  const name = mark < 0 ? rest : rest.slice(0, mark)
  if (!idPart.test(namespace) || !idPart.test(name)) return wrong(`does not name namespace/name: ${form}`)
  if (mark >= 0 && kind === 'bucket')
    return wrong('is a bucket, which has no revisions: remove the @ and what follows it')
  const found = mark < 0 ? null : revisionAndPath.exec([rest.slice(mark + 1), ...folders].join('/'))
  if (mark >= 0 && found === null) return wrong('has no revision after @')
  const path = (mark < 0 ? folders.join('/') : found?.[2]) ?? ''
  if (path !== '' && path.split('/').some((segment) => ['', '.', '..'].includes(segment))) {
    return wrong('has a folder with an empty segment, . or .. in it')
  }
  if (mode === 'rw' && kind !== 'bucket')
    return wrong(`is a ${kind}, which is always mounted read-only: remove :rw`)
  const revision = found?.[1] ?? null
  return {
    isRead: true,
    volume: {
      type: kind,
      source: `${namespace}/${name}`,
      revision: revision === null ? null : revision.replaceAll(/%2f/gi, '/'),
      path: path === '' ? null : path,
      mountPath,
      readOnly: kind !== 'bucket' || mode === 'ro',
    },
  }
}

/** Without a slash at its end, so that two texts of one path are the same; null for one that is not allowed. */
function plainPath(path: string): string | null {
  const plain = path.replace(/\/{1,100}$/, '')
  if (!mountForm.test(plain)) return null
  return plain.split('/').some((segment) => segment === '.' || segment === '..') ? null : plain
}

function wrong(problem: string): VolumeReading {
  return { isRead: false, problem }
}
