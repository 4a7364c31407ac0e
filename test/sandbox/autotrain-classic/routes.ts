import type { Context } from 'hono'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { Token } from '../hub/accounts/accounts.ts'
import { headSha } from '../hub/git/repositories.ts'
import type { Hub } from '../hub/hub.ts'
import type { Project, ProjectData, Projects } from './projects.ts'
import { STATUS } from './projects.ts'
import { ClassicRefusal, classicRefusalResponse, notFound, pathId, readBody } from './refusals.ts'

/** Ids of https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/tasks.py and its history. */
const TASKS = [1, 2, 4, 5, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 22, 24]

const createBody = z.object({
  username: z.string().check(z.minLength(1)),
  proj_name: z.string().check(z.regex(/^[\w.-]{1,96}$/)),
  task: z.int().check(z.refine((id) => TASKS.includes(id))),
  // The service knew more keys, and two spellings of the model's: `hub_model` and `hub-model`.
  config: z.looseObject({ language: z.string(), max_models: z.int().check(z.minimum(1)) }),
})

const datasetBody = z.object({
  dataset_id: z.string().check(z.minLength(1)),
  dataset_config: z.nullish(z.string()),
  dataset_split: z.string().check(z.minLength(1)),
  split: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
  col_mapping: z.record(z.string(), z.string()).check(z.refine((mapping) => Object.keys(mapping).length > 0)),
  load_config: z.optional(
    z.object({ max_size_bytes: z.optional(z.int()), shuffle: z.optional(z.boolean()) }),
  ),
})

function projectJson(project: Project) {
  return {
    id: project.id,
    proj_name: project.name,
    username: project.username,
    task: project.task,
    status: project.status,
    config: project.config,
    dataset_id: project.data[0]?.datasetId ?? null,
    created_at: project.createdAt.toISOString(),
    updated_at: project.updatedAt.toISOString(),
  }
}

function dataJson(project: Project, data: ProjectData) {
  // 1 uploaded, 3 in progress, 4 success: the service's states of a file.
  const downloads = project.status === STATUS.created ? 1 : project.status === STATUS.processing ? 3 : 4
  return {
    data_file_id: data.id,
    fname: data.datasetId,
    download_status: downloads,
    split: data.split,
    col_mapping: data.colMapping,
    created_at: data.createdAt.toISOString(),
    updated_at: data.createdAt.toISOString(),
  }
}

/**
 * The three calls of the guide, the approval, and what can be read.
 * https://huggingface.co/docs/hub/webhooks-guide-auto-retrain
 *
 * @param options the Hub that knows tokens and datasets, and the projects
 * @returns the application
 */
export function createClassicApp(options: { hub: Hub; projects: Projects }): Hono {
  const { hub, projects } = options
  const app = new Hono()

  const caller = (c: Context): Token => {
    try {
      const token = hub.accounts.authenticate(c.req.header('authorization'))
      if (token !== undefined) return token
    } catch {
      // The Hub's own words for a bad token are not this service's.
    }
    throw new ClassicRefusal(401, 'Invalid token')
  }

  const isOf = ({ user }: Token, username: string) =>
    user.name === username ||
    hub.accounts.orgsOf(user).some(({ org, role }) => org.name === username && role !== 'no_access')

  const writer = (c: Context): Token => {
    const token = caller(c)
    if (token.role === 'read') throw new ClassicRefusal(403, 'A token with the write role is needed')
    return token
  }

  const project = (token: Token, id: string): Project => {
    const found = projects.byId(pathId(id))
    if (found === undefined || !isOf(token, found.username)) throw notFound('Project')
    return found
  }

  app.post('/projects/create', async (c) => {
    const token = writer(c)
    const body = await readBody(c.req.raw, createBody)
    if (hub.accounts.find(body.username) === undefined) throw notFound(`User ${body.username}`)
    if (!isOf(token, body.username)) {
      throw new ClassicRefusal(403, `You are not allowed to create projects for ${body.username}`)
    }
    const { project: made, created } = projects.create({
      username: body.username,
      name: body.proj_name,
      task: body.task,
      config: body.config,
    })
    return c.json({ ...projectJson(made), created })
  })

  app.post('/projects/:id/data/dataset', async (c) => {
    const token = writer(c)
    const target = project(token, c.req.param('id'))
    const body = await readBody(c.req.raw, datasetBody)
    const dataset = hub.repositories.find('dataset', body.dataset_id)
    if (dataset === undefined || !hub.access.canRead(token, dataset)) {
      throw notFound(`Dataset ${body.dataset_id}`)
    }
    if (target.status !== STATUS.created) throw new ClassicRefusal(400, 'Data processing has started')
    const data = projects.attach(target, {
      datasetId: body.dataset_id,
      datasetConfig: body.dataset_config ?? null,
      datasetSplit: body.dataset_split,
      split: body.split,
      colMapping: body.col_mapping,
      revision: headSha(dataset) ?? null,
    })
    return c.json(dataJson(target, data))
  })

  app.post('/projects/:id/data/start_processing', (c) => {
    const target = project(writer(c), c.req.param('id'))
    if (target.data.length === 0) throw new ClassicRefusal(400, 'The project has no data')
    if (target.status !== STATUS.created) throw new ClassicRefusal(400, 'Data processing has started')
    projects.startProcessing(target)
    return c.json(projectJson(target))
  })

  app.post('/projects/:id/start_training', (c) => {
    const target = project(writer(c), c.req.param('id'))
    if (target.status !== STATUS.processed) throw new ClassicRefusal(400, 'The data is not ready')
    projects.queue(target)
    return c.json(projectJson(target))
  })

  app.get('/projects/list', (c) => {
    const token = caller(c)
    const username = c.req.query('username')
    const mine = projects.all.filter((each) => isOf(token, each.username))
    const listed = mine.filter((each) => username === undefined || each.username === username)
    return c.json(listed.map(projectJson))
  })

  app.get('/projects/:id/data', (c) => {
    const found = project(caller(c), c.req.param('id'))
    return c.json(found.data.map((data) => dataJson(found, data)))
  })

  app.get('/projects/:id/jobs', (c) => {
    const found = project(caller(c), c.req.param('id'))
    const at = found.updatedAt.toISOString()
    const isQueued = found.status === STATUS.queuedForTraining
    return c.json(isQueued ? [{ id: found.id * 10, status: 1, created_at: at, updated_at: at }] : [])
  })

  app.get('/projects/:username/:name', (c) => {
    const token = caller(c)
    const found = projects.byName(c.req.param('username'), c.req.param('name'))
    if (found === undefined || !isOf(token, found.username)) throw notFound('Project')
    projects.look(found)
    return c.json(projectJson(found))
  })

  app.get('/projects/:id', (c) => {
    const found = project(caller(c), c.req.param('id'))
    projects.look(found)
    return c.json(projectJson(found))
  })

  app.notFound(() => classicRefusalResponse(new ClassicRefusal(404, 'Not Found')))
  app.onError((error) => {
    if (error instanceof ClassicRefusal) return classicRefusalResponse(error)
    throw error
  })
  return app
}
