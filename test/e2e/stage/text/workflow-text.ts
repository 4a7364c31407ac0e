/** What a workflow of the tests is made of. */
export interface WorkflowOptions {
  /** Of the file, without ending; also the type of the dispatch that it listens to. */
  readonly name: string
  /** The action's inputs. Undefined: the input is not given. */
  readonly with: Readonly<Record<string, string | undefined>>
  /** @default contents: write */
  readonly permissions?: Readonly<Record<string, string>>
  /** A script that runs between the checkout and the action. @default none */
  readonly before?: string
  /** Of the action's step. @default none */
  readonly env?: Readonly<Record<string, string>>
  /** Steps after the action. @default none */
  readonly after?: readonly object[]
  /** Events beside a dispatch, a person and the clock, as `on:` has them. @default none */
  readonly on?: Readonly<Record<string, unknown>>
}

/** A workflow of one job: checkout, a script if there is one, and the action, whose step has the id `retrain`. */
export function workflowText(options: WorkflowOptions): string {
  const { name, permissions = { contents: 'write' }, before, env = {}, after = [], on = {} } = options
  // JSON is YAML.
  return JSON.stringify(
    {
      name,
      on: {
        repository_dispatch: { types: [name] },
        workflow_dispatch: null,
        schedule: [{ cron: '17 * * * *' }],
        ...on,
      },
      permissions,
      jobs: {
        retrain: {
          'runs-on': 'ubuntu-latest',
          steps: [
            { uses: 'actions/checkout@v5' },
            ...(before === undefined ? [] : [{ run: before }]),
            { uses: './', id: 'retrain', with: options.with, env },
            ...after,
          ],
        },
      },
    },
    null,
    2,
  )
}
