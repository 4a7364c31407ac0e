import { gpuMemory, machineMemory } from '../../domain/log/memory.ts'
import type { Failure } from './failure.ts'

/** Messages of PyTorch (https://pytorch.org/docs/stable/notes/faq.html) and the kernel about memory and GPUs. */
export const memoryFailures: readonly Failure[] = [
  {
    pattern: gpuMemory,
    cause: 'the GPU is out of memory.',
    advice:
      'Set a smaller `batch_size` in `params` (and a larger `gradient_accumulation` to compensate), use ' +
      '`mixed_precision: fp16`, or choose `hardware` with more memory.',
  },
  {
    pattern: machineMemory,
    cause: 'the machine is out of memory.',
    advice: 'Choose `hardware` with more memory, or load less data at a time.',
  },
  {
    pattern: /no CUDA-capable device|Found no NVIDIA driver|not compiled with CUDA/i,
    cause: 'the training needs a GPU, and its machine has none.',
    advice: 'Choose `hardware` with a GPU, such as `t4-small`.',
  },
  {
    pattern: /CUDA is required but not available for bitsandbytes/i,
    cause: 'the training needs a GPU: it quantizes the model with bitsandbytes, and its machine has none.',
    advice:
      'Choose `hardware` with a GPU, such as `t4-small`, or set `quantization: null` in `params` (for PEFT, AutoTrain ' +
      'quantizes to `int4` unless told not to).',
  },
]

/** Messages about the network. They come after the others: a full memory often ends in a lost connection. */
export const networkFailures: readonly Failure[] = [
  {
    pattern:
      /Temporary failure in name resolution|Max retries exceeded with url|ECONNRESET|Connection reset by peer/i,
    cause: 'the network connection failed.',
    advice: 'Re-run the workflow.',
  },
]

/** Messages about the Job and its shell. https://huggingface.co/docs/huggingface_hub/guides/jobs */
export const jobFailures: readonly Failure[] = [
  {
    pattern: /Job timeout|(?:reached|exceeded|over) (?:its|the) (?:timeout|time limit)|timed out after/i,
    cause: 'the training took longer than `timeout` allows.',
    advice: 'Raise `timeout` (and `max-cost` with it), train for fewer epochs, or choose faster `hardware`.',
  },
  {
    pattern: /ImagePullBackOff|ErrImagePull|manifest (?:unknown|for .{1,200} not found)|pull access denied/i,
    cause: 'the Docker image cannot be pulled.',
    advice: 'Check the name and tag of `image`, and that it is public.',
  },
  {
    pattern: /No space left on device/i,
    cause: 'the disk is full.',
    advice: 'Keep fewer checkpoints (`save_total_limit`), or choose `hardware` with a larger disk.',
  },
  {
    // As shells write it, not as the Hub does: "404 Client Error: Not Found".
    pattern:
      /\bcommand not found\b|^(?:.{0,300}: )?\S{0,100}sh: (?:\d+: )?\S{1,200}: not found$|: executable file not found in|\bexit code:? 127\b/m,
    cause: 'a program that `command` calls is not installed where the training runs.',
    advice: 'Check `command` for typos, and that `image` (or the runner) has every program it calls.',
  },
]
