import { baseName } from './splits.ts'

/** How the library `datasets` reads a file. */
export type Format =
  | 'csv'
  | 'tsv'
  | 'json'
  | 'parquet'
  | 'arrow'
  | 'text'
  | 'xml'
  | 'archive'
  | 'image'
  | 'audio'
  | 'video'

const endings: Readonly<Record<Format, string>> = {
  csv: 'csv',
  tsv: 'tsv',
  json: 'json jsonl ndjson',
  parquet: 'parquet geoparquet gpq',
  arrow: 'arrow',
  text: 'txt',
  xml: 'xml',
  archive: 'tar zip',
  image: `apng blp bmp bufr bw cur dcx dds dib emf eps fit fits flc fli ftc ftu gbr gif grib h5 hdf icb icns ico iim im
    j2c j2k jfif jp2 jpc jpe jpeg jpf jpg jpx mpg msp pbm pcd pcx pgm png pnm ppm ps psd pxr ras rgb rgba sgi tga tif
    tiff vda vst webp wmf xbm xpm`,
  audio: `aiff au avr caf flac htk ircam mat4 mat5 mp3 mpc2k nist ogg opus paf pvf raw rf64 sd2 sds svx voc w64 wav
    wavex wve xi`,
  video: 'avi mkv mov mp4 mpeg',
}

const formats = new Map<string, Format>()
for (const [format, list] of Object.entries(endings)) {
  // `Object.entries` widens the keys of the record above to strings.
  for (const ending of list.split(/\s+/)) formats.set(ending, format as Format)
}

/** How many files of a split the library looks at. */
const maxFiles = 200

/** The format of a file by its last ending that the library knows; null for a file that it leaves out. */
export function formatOf(path: string): Format | null {
  return (
    suffixesOf(path)
      .map((suffix) => formats.get(suffix))
      .findLast((format) => format !== undefined) ?? null
  )
}

/** Whether a file describes the images beside and below it. Then these get its columns, and no classes. */
export function isMetadata(path: string): boolean {
  return ['metadata.csv', 'metadata.jsonl'].includes(baseName(path))
}

/**
 * The format in which the library reads a split: that of the most frequent ending. It leaves out files of other formats.
 *
 * @param paths of the split's files
 * @returns null when there is no file that it reads
 */
export function commonFormat(paths: readonly string[]): Format | null {
  const counts = new Map<string, number>()
  const metadata: string[] = []
  for (const path of paths.slice(0, maxFiles)) {
    if (isMetadata(path)) metadata.push(path)
    else for (const suffix of suffixesOf(path)) counts.set(suffix, (counts.get(suffix) ?? 0) + 1)
  }
  const [first] = [...counts]
    .filter(([suffix]) => formats.has(suffix))
    .toSorted(([a, countA], [b, countB]) => countB - countA || rank(b) - rank(a) || (a < b ? 1 : -1))
  const [described] = metadata
  return formats.get(first?.[0] ?? '') ?? (described === undefined ? null : formatOf(described))
}

function suffixesOf(path: string): string[] {
  return baseName(path).toLowerCase().split('.').slice(1)
}

/** The library's favourite among endings that are equally frequent; then the last one in the alphabet. */
function rank(suffix: string): number {
  return suffix === 'parquet' ? 1 : 0
}
