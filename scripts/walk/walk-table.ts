import type { WalkedFile } from './delivery-walk.ts'

const [begin, end] = ['<!-- walk -->', '<!-- /walk -->']

/** The number of files and lines of a walk, as docs/architecture.md names it. */
export function walkTotal(walk: readonly WalkedFile[]): string {
  const [entered, lines] = [sumOf(walk, 'entered'), sumOf(walk, 'lines')]
  return `${walk.length} files, ${entered} lines of functions that run, in files of ${lines} lines`
}

/**
 * Writes a walk into a page: its total and a table with a row for each room.
 *
 * @throws Error when the page lacks the marks between which it stands
 */
export function withWalk(page: string, walk: readonly WalkedFile[]): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`The page needs a line ${begin} and, after it, a line ${end}.`)
  const content = `\n\n**${walkTotal(walk)}**; in brackets the lines of functions that run:\n\n${walkTable(walk)}\n`
  return `${page.slice(0, from + begin.length)}${content}${page.slice(to)}`
}

function walkTable(walk: readonly WalkedFile[]): string {
  const rooms = Map.groupBy(walk, ({ file }) => /^src\/(\w+)\//.exec(file)?.[1] ?? '')
  const rows = [...rooms].map(([room, files]) => {
    const folder = room === '' ? 'src/' : `src/${room}/`
    const names = files.map(({ file, entered }) => `${file.slice(folder.length)} (${entered})`)
    return `| \`${folder}\` | ${sumOf(files, 'entered')} | ${names.join(', ')} |\n`
  })
  return `| Folder | Lines that run | Files |\n| --- | --- | --- |\n${rows.join('')}`
}

function sumOf(walk: readonly WalkedFile[], key: 'lines' | 'entered'): string {
  return walk.reduce((sum, file) => sum + file[key], 0).toLocaleString('en-US')
}
