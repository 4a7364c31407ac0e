/** https://github.com/huggingface/autotrain-advanced at a2455be: the service's own project states. */
export const STATUS = {
  created: 1,
  processing: 2,
  processed: 3,
  downloadFailed: 4,
  missingSplit: 5,
  processingFailed: 6,
  queuedForTraining: 9,
} as const

/** A project's state. */
export type ProjectStatus = (typeof STATUS)[keyof typeof STATUS]

/** A dataset that was attached to a project. */
export interface ProjectData {
  id: number
  datasetId: string
  datasetConfig: string | null
  datasetSplit: string
  /** 1 train, 2 validation, 3 test, 4 split it automatically. */
  split: 1 | 2 | 3 | 4
  /** Column of the dataset to its role. */
  colMapping: Readonly<Record<string, string>>
  /** What the branch was when it was attached; null once it cannot be read any more. */
  revision: string | null
  createdAt: Date
}

/** One project. */
export interface Project {
  id: number
  username: string
  name: string
  task: number
  config: Readonly<Record<string, unknown>>
  status: ProjectStatus
  data: ProjectData[]
  /** What was called on it, in order: `create`, `data/dataset`, `data/start_processing`, `start_training`. */
  calls: string[]
  createdAt: Date
  updatedAt: Date
}

/** All projects. */
export interface Projects {
  readonly all: readonly Project[]
  /** The project, and whether it is new: a name is taken once per account. */
  create(project: Pick<Project, 'username' | 'name' | 'task' | 'config'>): {
    project: Project
    created: boolean
  }
  byId(id: number): Project | undefined
  byName(username: string, name: string): Project | undefined
  attach(project: Project, data: Omit<ProjectData, 'id' | 'createdAt'>): ProjectData
  startProcessing(project: Project): void
  /** One look at a project: processing takes so many of them. */
  look(project: Project): void
  queue(project: Project): void
}

/**
 * @param options `now`: the clock; `looks`: how often a project is seen in processing; `endsWith`: what comes of it
 * @returns no projects yet
 */
export function createProjects(options: {
  now: () => Date
  looks: number
  endsWith: ProjectStatus
}): Projects {
  const all: Project[] = []
  const looksLeft = new Map<number, number>()
  let lastDataId = 0

  const touch = (project: Project, call?: string) => {
    project.updatedAt = options.now()
    if (call !== undefined) project.calls.push(call)
  }

  return {
    all,
    byId: (id) => all.find((project) => project.id === id),
    byName: (username, name) => all.find((project) => project.username === username && project.name === name),
    create({ username, name, task, config }) {
      const known = all.find((project) => project.username === username && project.name === name)
      if (known !== undefined) {
        known.calls.push('create')
        return { project: known, created: false }
      }
      const at = options.now()
      const project: Project = {
        id: 1000 + all.length,
        username,
        name,
        task,
        config,
        status: STATUS.created,
        data: [],
        calls: ['create'],
        createdAt: at,
        updatedAt: at,
      }
      all.push(project)
      return { project, created: true }
    },
    attach(project, data) {
      lastDataId += 1
      const added = { ...data, id: lastDataId, createdAt: options.now() }
      project.data.push(added)
      touch(project, 'data/dataset')
      return added
    },
    startProcessing(project) {
      project.status = STATUS.processing
      looksLeft.set(project.id, options.looks)
      touch(project, 'data/start_processing')
    },
    look(project) {
      if (project.status !== STATUS.processing) return
      const left = looksLeft.get(project.id) ?? 0
      looksLeft.set(project.id, left - 1)
      if (left > 0) return
      project.status = options.endsWith
      touch(project)
    },
    queue(project) {
      project.status = STATUS.queuedForTraining
      touch(project, 'start_training')
    },
  }
}
