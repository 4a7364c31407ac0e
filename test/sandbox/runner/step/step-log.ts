import type { Masks } from './masks.ts'
import type { Annotation, ObeyedCommand } from './results.ts'
import { knownCommands, parseCommand } from './workflow-commands.ts'

const maxPerKind = 10
const maxMessage = 4096

/** What the page of a run shows of a step or a job. */
export interface Log {
  /** Masked lines. */
  lines: string[]
  annotations: Annotation[]
  write(line: string): void
  /** Shown only with step debugging on. */
  debug(text: string): void
  annotate(kind: Annotation['kind'], message: string, properties?: Record<string, string>): void
}

/**
 * Makes an empty log.
 *
 * @param options.debug `ACTIONS_STEP_DEBUG` is on
 * @param options.into where lines and annotations go, for those who watch
 */
export function createLog(options: {
  masks: Masks
  debug: boolean
  into: { log: string[]; annotations: Annotation[] }
}): Log {
  const { masks, into } = options
  const counts = { error: 0, warning: 0, notice: 0 }
  const write = (line: string) => {
    into.log.push(masks.apply(line))
  }
  return {
    lines: into.log,
    annotations: into.annotations,
    write,
    debug(text) {
      if (options.debug) for (const line of text.split(/\r?\n/)) write(`##[debug]${line}`)
    },
    annotate(kind, message, properties = {}) {
      const shown = masks.apply(message).slice(0, maxMessage)
      counts[kind] += 1
      if (counts[kind] <= maxPerKind) into.annotations.push({ kind, message: shown, ...properties })
      if (shown !== '') write(`##[${kind}]${shown}`)
    },
  }
}

/** Reads what a step writes, obeys the commands in it and logs the rest. */
export interface OutputReader {
  take(line: string): void
  /** A command could not be carried out: the step fails, whatever its exit code. */
  readonly failed: boolean
}

/**
 * Makes the reader of one process.
 *
 * @param options.commands every command that is obeyed is added here
 * @param options.debug echoes the commands that may be echoed
 * @param options.setOutput,options.saveState take what the two deprecated commands set
 */
export function createOutputReader(options: {
  log: Log
  masks: Masks
  debug: boolean
  commands: ObeyedCommand[]
  setOutput: (name: string, value: string) => void
  saveState: (name: string, value: string) => void
}): OutputReader {
  const { log, masks } = options
  const known = new Set(knownCommands)
  let resumeToken: string | undefined
  let failed = false
  let echo = options.debug

  function stopCommands(token: string, line: string) {
    if (token === '' || known.has(token.toLowerCase()) || token.toLowerCase() === 'pause-logging') {
      throw new Error(
        'A token that ends stop-commands may not be empty, pause-logging or the name of a command.',
      )
    }
    resumeToken = token.toLowerCase()
    known.add(resumeToken)
    if (token.length > 6) masks.add(token)
    log.write(line)
  }

  function addMask(value: string) {
    if (value.trim() === '') {
      log.annotate('warning', "Can't add secret mask for empty string in ##[add-mask] command.")
      return
    }
    if (echo) log.write('::add-mask::***')
    masks.addLines(value)
  }

  /** Deprecated since 2022, and obeyed to this day: the runner warns, and does what it was told. */
  function setNamed({ name, properties, data }: ObeyedCommand, set: (key: string, value: string) => void) {
    log.annotate(
      'warning',
      `The \`${name}\` command is deprecated and will be disabled soon. Please upgrade to using Environment Files.`,
    )
    const key = properties.name ?? ''
    if (key === '') throw new Error(`Required field 'name' is missing in ##[${name}] command.`)
    set(key, data)
  }

  function obey(command: ObeyedCommand, line: string) {
    const { name, properties, data } = command
    switch (name) {
      case 'stop-commands':
        return stopCommands(data, line)
      case 'add-mask':
        return addMask(data)
      case 'debug':
        return log.debug(data)
      case 'error':
      case 'warning':
      case 'notice':
        return log.annotate(name, data, properties)
      case 'group':
      case 'endgroup':
        return log.write(`##[${name}]${name === 'group' ? data : ''}`)
      case 'echo':
        if (!/^\s*(on|off)\s*$/i.test(data)) throw new Error(`Invalid echo command value '${data}'.`)
        echo = /on/i.test(data)
        return
      case 'set-env':
      case 'add-path':
        throw new Error(`The \`${name}\` command is disabled.`)
      case 'set-output':
        return setNamed(command, options.setOutput)
      case 'save-state':
        return setNamed(command, options.saveState)
      default:
        return
    }
  }

  function take(line: string) {
    const command = parseCommand(line, known)
    if (command === undefined) return log.write(line)
    if (resumeToken !== undefined) {
      log.write(line)
      if (command.name !== resumeToken) return
      known.delete(resumeToken)
      resumeToken = undefined
      return
    }
    options.commands.push(command)
    try {
      if (echo && /group|echo|set-|add-path|matcher|save-/.test(command.name)) log.write(line)
      obey(command, line)
    } catch (error) {
      failed = true
      log.annotate('error', `Unable to process command '${command.name}' successfully.`)
      log.annotate('error', (error as Error).message)
    }
  }

  return {
    take,
    get failed() {
      return failed
    },
  }
}
