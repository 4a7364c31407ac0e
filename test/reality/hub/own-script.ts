import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStage } from '../../e2e/stage/stage.ts'
import { jobsOf } from '../../e2e/stage/trainings.ts'
import { names } from '../../sandbox/world.ts'
import type { Check } from '../lane.ts'
import { runCommand } from '../tools/command.ts'
import { compareRequests, type JobRequest, newestJobRequest } from './job-request.ts'
import { realUv } from './uv-jobs.ts'

const head = (...lines: string[]) =>
  ['# /// script', ...lines.map((line) => `# ${line}`), '# ///', ''].join('\n')

/** Scripts as people write them; uv installs the Hub's own client from its registry. */
const code = {
  'training/train.py': `${head('dependencies = ["huggingface_hub>=1,<3"]')}
import json, os, pathlib
from huggingface_hub import HfApi
import words
print("rows in", sorted(os.listdir(os.environ["AUTO_RETRAIN_DATA"]))[0], words.WORDS)
print("auto-retrain:metrics " + json.dumps({"eval_accuracy": 0.875}))
out = pathlib.Path("/tmp/out"); out.mkdir(exist_ok=True)
(out / "model.safetensors").write_bytes(b"weights")
HfApi().upload_folder(repo_id=os.environ["AUTO_RETRAIN_MODEL"], folder_path=str(out), commit_message="Trained model")
`,
  'training/words.py': 'WORDS = "of a neighbour"\n',
  'training/raises.py': `${head('dependencies = []')}raise ValueError("no column label")\n`,
  'training/imports.py': `${head('dependencies = []')}import packaging_that_is_not_there\n`,
  'training/contradicts.py': `${head('dependencies = ["packaging==24.2", "packaging<24"]')}print("never")\n`,
}

/** The arguments by which `hf jobs uv run` asks for the same, as far as it can. */
const uvArguments = ({ dockerImage, flavor, timeoutSeconds }: JobRequest) => [
  ...['jobs', 'uv', 'run', '--detach', '--namespace', names.org, '--image', dockerImage],
  ...['--flavor', flavor, '--timeout', `${timeoutSeconds}s`, '--secrets', 'HF_TOKEN', 'train.py'],
]

/** The packaged action with real uv, real Python and the Hub's own client. */
export const ownScript: Check = {
  name: 'hf: trainer script of the packaged action, with real uv',
  group: 'hf',
  needs: ['python'],
  answers: {
    train: { verdict: 'succeeded', metrics: '{"eval_accuracy":0.875}', jobs: 1 },
    raises: { verdict: 'failed', reason: /ValueError: no column label/ },
    imports: { verdict: 'failed', reason: /No module named 'packaging_that_is_not_there'/ },
    contradicts: { verdict: 'failed', reason: /before the script ran.*packaging/ },
    // docs/own-script.md says them: the code comes from the run's model and not from a bucket, at another path; labels, the
    // variables of a training and uv's settings are ours. `hf` sends an empty list of arguments.
    'differences of the request': ['arguments', 'command', 'environment', 'labels', 'volumes'],
    'the command but for the path': true,
    'environment of hf': [],
  },
  async observe(tools) {
    const found = await tools.python('huggingface_hub')
    const { jobs, image, against } = await realUv(tools)
    const stageFolder = mkdtempSync(join(tmpdir(), 'own-script-'))
    writeFileSync(join(stageFolder, 'train.py'), 'print("trains")\n')
    const stage = await startStage({ code, hub: { jobs } })
    try {
      const train = async (name: string, more: Record<string, string> = {}) => {
        const subject = stage.case({ name })
        const inputs = {
          trainer: 'script',
          script: `training/${name}.py`,
          image,
          discussion: 'off',
          ...more,
        }
        const { verdict, reason, outputs } = await subject.manual(inputs)
        return { verdict, reason, metrics: outputs.metrics, jobs: jobsOf(stage, subject).length }
      }
      const trained = await train('train', { files: 'training/*.py' })
      const ours = newestJobRequest(stage.hub)
      const seen = {
        train: trained,
        raises: await train('raises'),
        imports: await train('imports'),
        contradicts: await train('contradicts'),
      }
      const ran = await runCommand(found.program('hf'), uvArguments(ours), {
        cwd: stageFolder,
        env: {
          PATH: process.env.PATH,
          HOME: stageFolder,
          HF_ENDPOINT: stage.hub.url,
          HF_TOKEN: names.hubToken,
          NO_COLOR: '1',
        },
        timeoutMs: 60_000,
      })
      const theirs = newestJobRequest(stage.hub)
      const differing = compareRequests(ours, theirs).map((path) => path.split('.')[0] ?? '')
      return {
        seen: {
          ...seen,
          'differences of the request': [...new Set(differing)],
          'the command but for the path':
            theirs.command.join(' ').replace('/data/train.py', '/code/training/train.py') ===
            ours.command.join(' '),
          'environment of hf': Object.keys(theirs.environment),
        },
        against: `${await found.versions('huggingface-hub')}, ${against}`,
        log: [ran.output, JSON.stringify({ ours, theirs, seen }, null, 2)].join('\n'),
      }
    } finally {
      await stage.close()
      rmSync(stageFolder, { recursive: true, force: true })
    }
  },
}
