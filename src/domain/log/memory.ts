/**
 * What is said of a GPU without memory: PyTorch, JAX and TensorFlow.
 * https://docs.pytorch.org/docs/stable/notes/faq.html, https://docs.jax.dev/en/latest/gpu_memory_allocation.html
 */
export const gpuMemory =
  /\b(?:CUDA|HIP|XPU|MPS backend|CUDA error:) out of memory|torch\.(?:cuda\.)?OutOfMemoryError|\bCUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED|\bRESOURCE_EXHAUSTED: Out of memory|\bOOM when allocating tensor/i

/** What the kernel, programs and launchers say of a machine without memory. 137 is 128 + SIGKILL. */
export const machineMemory =
  /OOM ?Killed|exit code:? 137|\bSIGKILL\b|Cannot allocate memory|can't allocate memory|\b_?(?:Array)?MemoryError\b|\bstd::bad_alloc\b|(?<!torch\.|cuda\.)\bOutOfMemoryError\b(?!: (?:CUDA|HIP|XPU|MPS)\b)|killed by signal: Killed|\boom_kill event|\bexitcode: -9\b|return code = -9\b|\bsignal:? 9\b|^Killed$|\b\d+ Killed\b/im

/** Whether an error says that memory ran out. */
export function saysMemoryRanOut(error: string): boolean {
  return gpuMemory.test(error) || machineMemory.test(error)
}
