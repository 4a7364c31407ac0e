import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { digitFiles } from '../../../demo/digits.ts'
import { entryAt, filesBelow } from '../../hub/git/trees.ts'
import type { JobTrial } from '../../hub/jobs/try-jobs.ts'
import { shell, tryJobs } from '../../hub/jobs/try-jobs.ts'
import type { SandboxHub } from '../../hub/start.ts'
import { startHub } from '../../hub/start.ts'
import { logKinds, mergedKinds } from './log-kinds.ts'

// What real AutoTrain printed and pushed for three classes of pictures, against the stand-in on the same task.

const recorded = (name: string) =>
  readFileSync(new URL(`../../autotrain/recorded/${name}`, import.meta.url), 'utf8')

let hub: SandboxHub
let run: JobTrial['run']

beforeEach(async () => {
  hub = await startHub()
  hub.addUser({ name: 'ann', token: 'hf_ann' })
  hub.createModel({ name: 'ann/tiny-vit', files: { 'config.json': '{"model_type": "vit"}\n' } })
  ;({ run } = tryJobs(hub))
})
afterEach(() => hub.close())

const DIGITS = Object.entries(digitFiles({ from: 0, perDigit: 20 }))

/** So many pictures of each of three classes. */
function pictures(perClass: number): Record<string, Uint8Array> {
  const names: Record<string, string> = { 0: 'circle', 1: 'square', 2: 'triangle' }
  return Object.fromEntries(
    DIGITS.flatMap(([path, content]) => {
      const [split, digit = '', file = ''] = path.split('/')
      const isWanted = digit in names && Number(file.slice(0, 4)) < perClass
      return isWanted ? [[`${split}/${names[digit]}/${file}`, content]] : []
    }),
  )
}

const config = (epochs: number) =>
  stringify({
    task: 'image_classification',
    base_model: 'ann/tiny-vit',
    project_name: 'digits-1',
    log: 'tensorboard',
    backend: 'local',
    data: {
      path: '/data',
      train_split: 'train',
      valid_split: null,
      column_mapping: { image_column: 'image', target_column: 'label' },
    },
    params: {
      epochs,
      batch_size: 8,
      lr: 0.001,
      warmup_ratio: 0.1,
      gradient_accumulation: 1,
      optimizer: 'adamw_torch',
      scheduler: 'linear',
    },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: AutoTrain resolves it
    hub: { username: 'ann', token: '${HF_TOKEN}', push_to_hub: true },
  })

async function train(options: { files: Record<string, Uint8Array>; epochs?: number; before?: string }) {
  const { files, epochs = 3, before = '' } = options
  hub.createDataset({ name: 'ann/data', private: true, files })
  const script = `${before}printf %s "$CONFIG" > auto-retrain.yml && PATH=/app/env/bin:$PATH autotrain --config auto-retrain.yml`
  const { answer, lines } = await run(
    shell(script, {
      dockerImage: 'huggingface/autotrain-advanced:latest',
      volumes: [{ type: 'dataset', source: 'ann/data', mountPath: '/data' }],
      secrets: { HF_TOKEN: 'hf_ann' },
      environment: { CONFIG: config(epochs) },
    }),
  )
  return { stage: answer.status.stage, text: lines.join('\n') }
}

function pushed() {
  const repository = hub.repository('ann/digits-1', 'model')
  const head = repository.commits.get(repository.refs.get('refs/heads/main') ?? '')
  if (head === undefined) throw new Error('Nothing was pushed.')
  const paths = [...filesBelow(head.tree)]
  const read = (path: string) => {
    const entry = entryAt(head.tree, path)
    if (entry?.type !== 'file') throw new Error(`There is no ${path}.`)
    const content = entry.lfs ? repository.lfs.get(entry.lfs.oid) : repository.blobs.get(entry.oid)
    return Buffer.from(content ?? [])
  }
  return { paths, read, titles: [...repository.commits.values()].map(({ title }) => title) }
}

const withoutTime = (path: string) =>
  path.replace(/^runs\/\w+_[\d-]+_[^/]+\/(\S+?)\.\d{10}\.\S+\.(\d)$/, 'runs/$1.$2')

const evaluations = (text: string) =>
  [...text.matchAll(/on_log:367 - \{'eval_loss': ([\d.e-]+),.* 'epoch': ([\d.]+)\}/g)].map(
    ([, loss, epoch]) => ({ loss: Number(loss), epoch: Number(epoch) }),
  )

describe('A training that succeeds', () => {
  test('It prints and pushes what real AutoTrain does: the kinds of lines in their order, the files, the card.', async () => {
    const { stage, text } = await train({ files: pictures(20) })
    expect(stage).toBe('COMPLETED')
    expect(logKinds(text)).toEqual(logKinds(recorded('image-success.log')))

    const all = evaluations(text)
    const best = all.findIndex(({ loss }) => loss === all.at(-1)?.loss) + 1
    expect(all.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 3])
    expect(all.at(-1)?.loss).toBe(Math.min(...all.map(({ loss }) => loss)))
    expect(text.match(/^\{'eval_loss'/gm)).toHaveLength(3)

    const { paths, read, titles } = pushed()
    const kept = `checkpoint-${6 * best}`
    expect(paths.map(withoutTime)).toEqual([
      '.gitattributes',
      'README.md',
      ...['config.json', 'model.safetensors', 'optimizer.pt', 'rng_state.pth', 'scheduler.pt'].map(
        (name) => `${kept}/${name}`,
      ),
      `${kept}/trainer_state.json`,
      `${kept}/training_args.bin`,
      'config.json',
      'model.safetensors',
      'preprocessor_config.json',
      'runs/events.out.tfevents.0',
      'runs/events.out.tfevents.1',
      'training_args.bin',
      'training_params.json',
    ])
    expect(titles).toEqual(['initial commit', ...Array(2).fill('Upload folder using huggingface_hub')])
    expect(read(`${kept}/model.safetensors`)).toEqual(read('model.safetensors'))
    const state = JSON.parse(read(`${kept}/trainer_state.json`).toString())
    expect(state).toMatchObject({ global_step: 6 * best, best_metric: all.at(-1)?.loss })
    expect(state.log_history).toHaveLength(7 * best)
    const card = (readme: string) => readme.trim().replace(/^(\w+): [\d.e-]+$/gm, '$1: #')
    expect(card(read('README.md').toString())).toBe(card(recorded('image-success.README.md')))
  })

  test('With both streams in one pipe, lines stand behind bars as in the real log; updates can be forbidden.', async () => {
    const { text } = await train({
      files: pictures(20),
      before: 'export NO_ALBUMENTATIONS_UPDATE=1; exec 2>&1; ',
    })
    // Behind an evaluation's bar there may be a warning first, which depends on the guesses.
    const glued = (log: string) => mergedKinds(log).filter((line) => /\[\].*INFO.*\{'loss'/.test(line))
    const real = glued(recorded('image-success.merged-stderr.log'))
    expect(new Set(glued(text))).toEqual(new Set(real))
    // How often a bar is drawn depends on the time between two steps.
    expect(glued(text).length).toBeGreaterThan(real.length / 2)
    expect(text).not.toContain('A new version of Albumentations')
  })
})

describe('A training that fails', () => {
  test('Killed while it pushes, it leaves the lines of the real one, and a Job that looks completed.', async () => {
    // The first upload is that of `runs`; the second does not end by itself.
    hub.fault({ method: 'POST', path: /preupload/, until: Promise.resolve() })
    hub.fault({ method: 'POST', path: /preupload/, hang: true })
    hub.jobs.next({ oomKillAt: /Pushing model to hub/ })
    const { stage, text } = await train({ files: pictures(20), epochs: 1 })
    expect(stage).toBe('COMPLETED')
    const real = logKinds(recorded('image-failure-killed-while-pushing.log'))
    const own = logKinds(text)
    expect(own.stdout).toEqual(real.stdout)
    expect(own.stderr.filter((line) => line !== '#%|| #/# []')).toEqual(
      real.stderr.filter((line) => line !== '#%|| #/# []'),
    )
    expect(pushed().paths).not.toContain('README.md')
  })

  test('A truncated picture shows in the first epoch, after the repository was made, as in the real log.', async () => {
    const files = pictures(10)
    const broken = 'train/circle/0003.png'
    const content = files[broken] ?? new Uint8Array()
    const { stage, text } = await train({ files: { ...files, [broken]: content.subarray(0, 100) } })
    expect(stage).toBe('COMPLETED')
    const once = (kinds: string[]) => kinds.filter((line, index) => !kinds.slice(0, index).includes(line))
    const { stdout } = logKinds(recorded('image-failure-truncated-png.log'))
    expect(
      once(logKinds(text).stdout).filter((line) => !/^(struct\.error|The above|Traceback)/.test(line)),
    ).toEqual(once(stdout).filter((line) => !/^(struct\.error|The above|Traceback)/.test(line)))
    expect(pushed().paths).toContain('.gitattributes')
    expect(pushed().paths).not.toContain('README.md')
  })
})
