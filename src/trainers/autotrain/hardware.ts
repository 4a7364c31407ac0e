/** Hardware of Hugging Face Jobs without an NVIDIA GPU. https://huggingface.co/docs/hub/jobs-pricing */
const withoutGpu = /^(?:cpu|spr|inf|tpu|v5e)/

/** Whether hardware of Hugging Face Jobs has an NVIDIA GPU. */
export function hasGpu(hardware: string): boolean {
  return !withoutGpu.test(hardware)
}

/** Whether its GPU is an NVIDIA T4, of the generation Turing. */
export function hasTuringGpu(hardware: string): boolean {
  return /^t4-/.test(hardware)
}
