import type { Log } from './log.ts'

/** The log of trainings that are followed: their own lines are folded, the story stands between the folds. */
export interface RunLog {
  /** One line of a run's own log: from outside. */
  line(text: string): void
  /** One line of the story. */
  story(text: string): void
  /** Closes the last fold. */
  end(): void
  /** The log for work that goes on meanwhile: its folds and those of the trainings do not get into each other. */
  beside(log: Log): Log
}

/**
 * Opens a log for trainings that are followed at the same time.
 *
 * @param options.startGroup begins a fold
 * @param options.endGroup ends it
 */
export function openRunLog(options: {
  log: Log
  startGroup: (title: string) => void
  endGroup: () => void
}): RunLog {
  const { log, startGroup, endGroup } = options
  let isOpen = false
  // Folds cannot be nested: while a step has one, what a training prints stands in it.
  let steps = 0
  const end = () => {
    if (isOpen) endGroup()
    isOpen = false
  }
  return {
    end,
    beside: (other) => ({
      ...other,
      async group(title, work) {
        end()
        steps += 1
        try {
          return await other.group(title, work)
        } finally {
          steps -= 1
        }
      },
    }),
    line(text) {
      if (!isOpen && steps === 0) {
        startGroup('Log of the training')
        isOpen = true
      }
      // No line of the run begins with a command of the runner.
      log.info(`│ ${text}`)
    },
    story(text) {
      end()
      log.info(text)
    },
  }
}
