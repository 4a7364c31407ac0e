import type { Log } from './log.ts'

/** The log of trainings that are followed: their output is folded into groups, with the action's lines between them. */
export interface RunLog {
  /** One line that a training printed: from outside. */
  output(text: string): void
  /** One line of the action. */
  info(text: string): void
  /** Closes the open group of output. */
  closeGroup(): void
  /** Wraps the log of other work, so that its groups and those of the output do not overlap. */
  around(log: Log): Log
}

/**
 * Opens one log for trainings that are followed at the same time.
 *
 * @param options.startGroup begins a folded group
 * @param options.endGroup ends it
 */
export function openRunLog(options: {
  log: Log
  startGroup: (title: string) => void
  endGroup: () => void
}): RunLog {
  const { log, startGroup, endGroup } = options
  let isOpen = false
  // Groups cannot be nested: output that comes during the group of a step stays in that group.
  let stepGroups = 0
  const closeGroup = () => {
    if (isOpen) endGroup()
    isOpen = false
  }
  return {
    closeGroup,
    around: (other) => ({
      ...other,
      async group(title, work) {
        closeGroup()
        stepGroups += 1
        try {
          return await other.group(title, work)
        } finally {
          stepGroups -= 1
        }
      },
    }),
    output(text) {
      if (!isOpen && stepGroups === 0) {
        startGroup('Log of the training')
        isOpen = true
      }
      // With the bar in front, no line is a command of the runner.
      log.info(`│ ${text}`)
    },
    info(text) {
      closeGroup()
      log.info(text)
    },
  }
}
