// What the training scripts of the tests push: node push-model.js [--private] [--half] [--files BASE64] [--card < CARD]. It makes the
// repository of the run's model on the Hub and commits weights to it, a model card where one is given, and with --files those of a JSON object of paths and texts; with --half
// only what a Trainer pushes before the model.
import { readFileSync } from 'node:fs'

const { HF_ENDPOINT, HF_TOKEN, AUTO_RETRAIN_MODEL = '' } = process.env
const isPrivate = process.argv.includes('--private')
const card = process.argv.includes('--card') ? readFileSync(0, 'utf8') : undefined
const at = process.argv.indexOf('--files')
/** @type {Record<string, string>} */
const more = at === -1 ? {} : JSON.parse(Buffer.from(process.argv[at + 1] ?? '', 'base64').toString())
const [organization, name] = AUTO_RETRAIN_MODEL.split('/')

/** @param {string} path @param {string} type @param {string} body */
async function post(path, type, body) {
  const headers = { authorization: `Bearer ${HF_TOKEN}`, 'content-type': type }
  const response = await fetch(`${HF_ENDPOINT}${path}`, { method: 'POST', headers, body })
  if (!response.ok && response.status !== 409) throw new Error(`${path}: ${response.status}`)
}

/** @param {string} path @param {string} content */
const file = (path, content) => ({ key: 'file', value: { path, content } })

await post(
  '/api/repos/create',
  'application/json',
  JSON.stringify({ type: 'model', name, organization, private: isPrivate }),
)
const model = [
  file('model.safetensors', `weights of ${AUTO_RETRAIN_MODEL}`),
  file('config.json', '{"model_type": "resnet"}'),
  ...Object.entries(more).map(([path, content]) => file(path, content)),
  ...(card === undefined ? [] : [file('README.md', card)]),
]
const lines = [
  { key: 'header', value: { summary: 'The trained model' } },
  ...(process.argv.includes('--half') ? [file('runs/events', 'epoch 1')] : model),
]
await post(
  `/api/models/${AUTO_RETRAIN_MODEL}/commit/main`,
  'application/x-ndjson',
  lines.map((line) => JSON.stringify(line)).join('\n'),
)
