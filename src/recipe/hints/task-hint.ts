import { closestMatch } from 'leven'
import { type Task, taskNames } from '../../domain/tasks.ts'
import { cutText } from '../../domain/text/cut.ts'

/**
 * What AutoTrain, its command line, its older API and the Hub call a task. Underscores, colons and spaces are hyphens.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/tasks.py
 * https://huggingface.co/tasks
 */
const otherNames: Readonly<Record<string, readonly Task[]>> = {
  dpo: ['llm-dpo'],
  'entity-extraction': ['token-classification'],
  'feature-extraction': ['sentence-transformers:pair', 'sentence-transformers:triplet'],
  'image-binary-classification': ['image-classification'],
  'image-captioning': ['vlm:captioning'],
  'image-multi-class-classification': ['image-classification'],
  'image-single-column-regression': ['image-regression'],
  'image-text-to-text': ['vlm:captioning', 'vlm:vqa'],
  'image-to-text': ['vlm:captioning'],
  'lm-training': ['llm-sft', 'llm-generic'],
  ner: ['token-classification'],
  'object-detection': ['image-object-detection'],
  orpo: ['llm-orpo'],
  qa: ['extractive-question-answering'],
  'question-answering': ['extractive-question-answering'],
  reward: ['llm-reward'],
  'sentence-similarity': ['sentence-transformers:pair', 'sentence-transformers:pair_score'],
  'sequence-to-sequence': ['seq2seq'],
  sft: ['llm-sft'],
  summarization: ['seq2seq'],
  'tabular-binary-classification': ['tabular-classification'],
  'tabular-multi-class-classification': ['tabular-classification'],
  'tabular-multi-column-regression': ['tabular-regression'],
  'tabular-single-column-regression': ['tabular-regression'],
  'text-binary-classification': ['text-classification'],
  'text-entity-extraction': ['token-classification'],
  'text-extractive-question-answering': ['extractive-question-answering'],
  'text-generation': ['llm-sft', 'llm-generic'],
  'text-multi-class-classification': ['text-classification'],
  'text-single-column-regression': ['text-regression'],
  'text-summarization': ['seq2seq'],
  'text-token-classification': ['token-classification'],
  'text2text-generation': ['seq2seq'],
  translation: ['seq2seq'],
  'visual-question-answering': ['vlm:vqa'],
}

/** Short forms at the beginning or the end of a name. */
const parts: readonly (readonly [pattern: RegExp, whole: string])[] = [
  [/^st-/, 'sentence-transformers-'],
  [/^(?:st|sentence-transformer)$/, 'sentence-transformers'],
  [/^sentence-transformer-/, 'sentence-transformers-'],
  [/-qa$/, '-question-answering'],
  [/^(?:img|vision|cv)-/, 'image-'],
  [/^nlp-/, 'text-'],
]

/**
 * The task that a person probably meant.
 *
 * @returns the end of a sentence after the key's name, with its mark; null when none is near
 */
export function taskHint(given: unknown): string | null {
  if (typeof given !== 'string') return null
  const tasks = nearTasks(given)
  if (tasks.length === 0) return null
  const names = tasks.length === 1 ? tasks[0] : `one of ${tasks.join(', ')}`
  return `${JSON.stringify(cutText(given, 100))} is no task here: did you mean ${names}?`
}

function nearTasks(given: string): readonly Task[] {
  const short = plainForm(given)
  if (Object.hasOwn(otherNames, short)) return otherNames[short] ?? []
  const whole = parts.reduce((name, [pattern, to]) => name.replace(pattern, to), short)
  const exact = taskNames.filter((task) => [short, whole].includes(plainForm(task)))
  if (exact.length > 0) return exact
  const words = `-${whole}-`
  const alike = taskNames.filter((task) => `-${plainForm(task)}-`.includes(words) && whole !== '')
  if (alike.length > 0) return alike.length > 5 ? [] : alike
  const nearest = closestMatch(whole, taskNames.map(plainForm), {
    maxDistance: Math.max(2, whole.length / 4),
  })
  return taskNames.filter((task) => plainForm(task) === nearest)
}

function plainForm(name: string): string {
  return name
    .slice(0, 100)
    .toLowerCase()
    .replaceAll(/[_:\s/.-]+/g, '-')
}
