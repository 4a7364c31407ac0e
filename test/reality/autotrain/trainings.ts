import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { knownFailure } from '../../../src/report/known-failures.ts'
import type { Answers } from '../answers.ts'
import type { Check } from '../lane.ts'
import { folderName, installOnce } from '../tools/install.ts'
import type { Tools } from '../tools/tools.ts'
import { compareCurve, readRealLog } from './real-log.ts'
import { findSeal } from './seal.ts'
import { type Trained, type Training, train } from './train.ts'

/** One thread: a training must leave the other processors alone. */
const calm = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }

/** Makes models and data with AutoTrain's own libraries, once. @returns the folder that has `models` and `data` */
export function makeLab({ cache }: Tools, python: string): Promise<string> {
  const scripts = ['models.py', 'data.py'].map((name) => fileURLToPath(new URL(name, import.meta.url)))
  return installOnce({
    cache,
    name: folderName('autotrain-lab', [python, ...scripts.map((script) => readFileSync(script, 'utf8'))]),
    steps: (folder) => scripts.map((script) => [python, script, folder] as const),
    env: { ...calm, HF_HUB_OFFLINE: '1', HF_HOME: join(cache, 'home') },
  })
}

/** The metrics under "Validation Metrics" of AutoTrain's card, one per paragraph. */
function metricsOfCard(card: string): Map<string, number> {
  const [, section = ''] = card.split(/^## Validation Metrics$/m)
  const found = section.matchAll(/^(\w+): (-?[\d.]+(?:e-?\d+)?)$/gm)
  return new Map(Array.from(found, ([, name = '', value]) => [name, Number(value)]))
}

function compareCard(card: string, metrics: Readonly<Record<string, number>>): string {
  const shown = metricsOfCard(card)
  const wrong = [...shown].filter(([name, value]) => (metrics[`eval_${name}`] ?? metrics[name]) !== value)
  if (shown.size === 0) return 'the card has none'
  return wrong.length === 0 ? `all ${shown.size} of the card` : `the card has ${JSON.stringify(wrong)}`
}

/** The files that every model has, and the files that contain the token. */
function describeFiles(files: Trained['files']): Record<string, unknown> {
  const names = [...files.keys()].filter((name) => !/^(?:runs|checkpoint-\d+)\//.test(name))
  return {
    model: ['README.md', 'config.json', 'model.safetensors'].filter((name) => names.includes(name)),
    'with the token': [...files].filter(([, text]) => text.includes('hf_Real')).map(([name]) => name),
  }
}

/** What the lane compares of a training. */
function observe({ end, refusal, isPinned, job, log, files, token }: Trained): Record<string, unknown> {
  // As the summary does: a success has no likely cause, whatever its log says of a push that was tried again.
  const reason = end?.reason ?? refusal ?? ''
  const known = end?.verdict === 'succeeded' ? null : knownFailure({ reason, logTail: end?.logTail ?? [] })
  const real = readRealLog(log)
  const curve = end?.curve ?? []
  const card = files.get('README.md') ?? ''
  return {
    verdict: end?.verdict ?? 'refused',
    reason,
    cause: known === null ? null : `${known.cause} ${known.advice}`,
    job,
    isPinned,
    // The number of examples follows from times, and is only there where rounding leaves no doubt.
    metrics: Object.keys(end?.metrics ?? {})
      .filter((name) => name !== 'eval_samples')
      .sort(),
    'metrics and card': compareCard(card, end?.metrics ?? {}),
    curve: {
      loss: compareCurve(curve, { name: 'loss', log: real }),
      eval_loss: compareCurve(curve, { name: 'eval_loss', log: real }),
      'goes forward': curve.every(({ epoch }, at) => epoch > (curve[at - 1]?.epoch ?? -1)),
    },
    card,
    files: describeFiles(files),
    'log has the token': log.some((line) => line.includes(token)),
  }
}

/** @returns the check of one training */
export function trainingCheck(options: { name: string; training: Training; answers: Answers }): Check {
  return {
    name: `autotrain: ${options.name}`,
    group: 'autotrain',
    needs: ['python'],
    answers: options.answers,
    async observe(tools) {
      const python = await tools.python('autotrain')
      const lab = await makeLab(tools, python.program('python'))
      const { seal, description } = findSeal()
      const real = { autotrain: python.folder, environment: calm, seal }
      const trained = await train(options.training, { lab, real })
      const versions = await python.versions('autotrain-advanced', 'transformers', 'torch', 'huggingface-hub')
      return {
        seen: observe(trained),
        against: `${versions}; ${description}`,
        log: trained.log.join('\n'),
      }
    },
  }
}
