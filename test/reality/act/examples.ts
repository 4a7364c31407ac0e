import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check } from '../lane.ts'
import type { Ran } from '../tools/command.ts'
import { type ActRun, createAct, layOut, verdictsOf } from './act.ts'
import { type ActWorld, startActWorld } from './world.ts'

interface Envelope {
  client_payload?: { sha?: string; signature?: string }
}

/** An event with changes to its payload. */
function forge(event: unknown, change: Envelope['client_payload']): Envelope {
  const { client_payload: payload, ...rest } = structuredClone(event) as Envelope
  return { ...rest, client_payload: { ...payload, ...change } }
}

type Act = (run: ActRun) => Promise<Ran>

async function runExamples(act: Act, world: ActWorld) {
  const seen: Record<string, string> = {}
  const logs: string[] = []
  const go = async (name: string, run: ActRun) => {
    const ran = await act(run)
    logs.push(ran.output)
    seen[name] = verdictsOf(ran)
    return ran
  }
  const byHand = { event: 'workflow_dispatch', workflow: 'retrain.yml' }
  await go('by hand', byHand)
  await go('by hand again', byHand)

  const onCommit = { event: 'repository_dispatch', workflow: 'retrain.yml' }
  const envelope = await world.commit()
  await go('an event with another revision', {
    ...onCommit,
    payload: forge(envelope, { sha: '0'.repeat(40) }),
  })
  const signature = `v1,${Buffer.alloc(32).toString('base64')}`
  await go('an event with a wrong signature', { ...onCommit, payload: forge(envelope, { signature }) })
  await go('an event without a payload', { ...onCommit, payload: { action: 'hub-webhook' } })
  await go('an event of the relay', { ...onCommit, payload: envelope })
  await go('the same event again', { ...onCommit, payload: envelope })

  const payload = await world.commit()
  await go('with approval', { event: 'repository_dispatch', workflow: 'retrain-with-approval.yml', payload })

  await world.commit()
  const onSchedule = { event: 'schedule', workflow: 'retrain.yml' }
  await go('on schedule', onSchedule)
  await go('on schedule again', onSchedule)

  // act takes a boolean input from the event as text only.
  const environment = { PLAIN_TOKEN: world.secrets.HF_TOKEN ?? '' }
  const check = { event: 'workflow_dispatch', workflow: 'check.yml', environment }
  const planned = { inputs: { 'dry-run': 'true', prefix: 'planned' } }
  const { output } = await go('a plan', { ...check, payload: planned })
  const lines = [/SEEN-IF planned$/m, /SEEN-IF results$/m, /AFTER verdict=planned result=success$/m]
  seen['outputs in if and needs'] = lines.map((line) => line.test(output)).join(' ')
  seen['a token that is no secret of the runner'] = /\| MASK plain=(\S*)$/m.exec(output)?.[1] ?? ''

  const inputs = { trainer: 'job', command: 'echo begin; sleep 100', prefix: 'cancelled' }
  const cancelled = await act({ ...check, payload: { inputs }, interruptAt: '│ begin' })
  logs.push(cancelled.output)
  const isStopped = /Stopped the training cancelled-/.test(cancelled.output)
  seen['interrupted while a Job trains'] = `${cancelled.code} ${isStopped} ${world.lastStage()}`
  const secrets = Object.values(world.secrets)
  const leaks = logs.filter((log) => secrets.some((secret) => log.includes(secret))).length
  seen['logs with a secret'] = String(leaks)
  return { seen, log: logs.join('\n') }
}

/** The examples and the packaged action under a runner that others wrote. */
export const actChecks: readonly Check[] = [
  {
    name: 'act: the examples with the packaged action',
    group: 'act',
    needs: ['go', 'git'],
    answers: {
      'by hand': '0 succeeded',
      'by hand again': '0 skipped',
      'an event with another revision': '1 refused',
      'an event with a wrong signature': '1 refused',
      'an event without a payload': '1 refused',
      'an event of the relay': '0 succeeded',
      'the same event again': '0 skipped',
      'with approval': '0 planned succeeded',
      'on schedule': '0 succeeded',
      'on schedule again': '0 skipped',
      'a plan': '0 planned',
      'outputs in if and needs': 'true true true',
      'a token that is no secret of the runner': '***',
      'interrupted while a Job trains': '1 true CANCELED',
      'logs with a secret': '0',
    },
    async observe(tools) {
      const { path: program, version } = await tools.go('act')
      const folder = mkdtempSync(join(tmpdir(), 'act-'))
      try {
        const sha = await layOut(folder)
        const world = await startActWorld({ sha })
        try {
          const { environment, secrets } = world
          const act = createAct({ program, folder, environment, secrets })
          return { ...(await runExamples(act, world)), against: `${version}, in host mode` }
        } finally {
          await world.close()
        }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  },
]
