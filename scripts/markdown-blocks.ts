import { parse, postprocess, preprocess } from 'micromark'

/** A fenced block of code in a Markdown file. */
export interface CodeBlock {
  /** What stands after the fence, in lower case: `yaml`. */
  readonly language: string
  readonly text: string
  /** The line of the file on which the text begins, from 1. */
  readonly firstLine: number
}

/** Every fenced block of code, also those within lists and quotes. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  const chunks = preprocess()(markdown, undefined, true)
  const events = postprocess(parse().document().write(chunks))
  let language = ''
  let lines: string[] = []
  let firstLine = 0
  for (const [happening, token, context] of events) {
    if (happening === 'enter' && token.type === 'codeFenced') {
      language = ''
      lines = []
      firstLine = token.start.line + 1
    } else if (happening === 'enter' && token.type === 'codeFencedFenceInfo') {
      language = context.sliceSerialize(token).toLowerCase()
    } else if (happening === 'enter' && token.type === 'codeFlowValue') {
      // Blank lines have no token.
      while (lines.length < token.start.line - firstLine) lines.push('')
      lines.push(context.sliceSerialize(token))
    } else if (happening === 'exit' && token.type === 'codeFenced') {
      blocks.push({ language, text: `${lines.join('\n')}\n`, firstLine })
    }
  }
  return blocks
}
