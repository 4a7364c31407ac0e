const LFS_PATTERNS = [
  ...['7z', 'arrow', 'avro', 'bin', 'bz2', 'ckpt', 'ftz', 'gz', 'h5', 'joblib', 'lfs.*', 'lz4', 'mds'],
  ...[
    'mlmodel',
    'model',
    'msgpack',
    'npy',
    'npz',
    'onnx',
    'ot',
    'parquet',
    'pb',
    'pickle',
    'pkl',
    'pt',
    'pth',
  ],
  ...['rar', 'safetensors', 'tar.*', 'tar', 'tflite', 'tgz', 'wasm', 'xz', 'zip', 'zst'],
].map((ending) => `*.${ending}`)

const DATASET_ONLY_PATTERNS = [
  ...['pcm', 'sam', 'raw', 'aac', 'flac', 'mp3', 'ogg', 'wav', 'bmp', 'gif', 'png', 'tiff', 'jpg', 'jpeg'],
  ...['webp', 'mp4', 'webm'],
].map((ending) => `*.${ending}`)

const lfsLine = (pattern: string) => `${pattern} filter=lfs diff=lfs merge=lfs -text\n`

/**
 * The `.gitattributes` a new repository starts with. Models do not list images; datasets do, which is why a PNG
 * goes to LFS there (https://huggingface.co/docs/hub/datasets-adding#large-file-support).
 *
 * @param type kind of repository
 * @returns the file's text
 */
export function defaultGitAttributes(type: 'dataset' | 'model'): string {
  const own = type === 'dataset' ? DATASET_ONLY_PATTERNS : []
  return [...LFS_PATTERNS, 'saved_model/**/*', '*tfevents*', ...own].map(lfsLine).join('')
}

/**
 * @param path a file that a commit stores in LFS without any pattern naming it
 * @returns the line the Hub then adds to `.gitattributes` by itself
 */
export function lfsLineForPath(path: string): string {
  return lfsLine(path.replace(/\s/g, '[[:space:]]').replace(/[*?]/g, '\\$&'))
}

function patternToRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/^\//, '')
    .split(/(\[\[:space:\]\]|\\.|\*\*\/|\*\*|\*|\?)/)
    .map((part) => {
      if (part === '[[:space:]]') return '\\s'
      if (part === '**/') return '(?:.*/)?'
      if (part === '**') return '.*'
      if (part === '*') return '[^/]*'
      if (part === '?') return '[^/]'
      return (part.startsWith('\\') ? part.slice(1) : part).replace(/[.+^${}()|[\]\\*?]/g, '\\$&')
    })
    .join('')
  // Without a slash the pattern is for the file's name, wherever the file is.
  return new RegExp(pattern.includes('/') ? `^${source}$` : `(?:^|/)${source}$`)
}

const parsed = new Map<string, (path: string) => boolean>()

/**
 * Only the root's file is read, and only for the LFS filter; the last line that fits a path decides, as in git
 * (https://git-scm.com/docs/gitattributes).
 *
 * @param text content of `.gitattributes`
 * @returns whether a path belongs in LFS
 */
export function lfsRule(text: string): (path: string) => boolean {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const rules = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pattern]) => pattern !== undefined && pattern !== '' && !pattern.startsWith('#'))
    .flatMap(([pattern = '', ...attributes]) => {
      const filter = attributes.findLast((attribute) => /^[-!]?filter\b/.test(attribute))
      return filter === undefined ? [] : [{ match: patternToRegExp(pattern), isLfs: filter === 'filter=lfs' }]
    })
  const rule = (path: string) => rules.findLast(({ match }) => match.test(path))?.isLfs ?? false
  parsed.set(text, rule)
  return rule
}
