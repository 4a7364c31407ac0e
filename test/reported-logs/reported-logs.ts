import { readFileSync } from 'node:fs'

/**
 * Reads a log that ends as people have reported it: of PyTorch (pytorch/pytorch#117159), LlamaFactory
 * (hiyouga/LlamaFactory#1157), Python's groups of exceptions (rollbar/pyrollbar#441), uv (astral-sh/uv#2845), an image for
 * another processor (vllm-project/aibrix#2054) and argparse; and the lines of a Job whose log was sent again only in part
 * (makermods-robotics/makermodslab#71).
 */
export function reportedLog(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}
