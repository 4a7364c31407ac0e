/** One kind of machine, as `GET /api/jobs/hardware` tells of it. */
export interface Hardware {
  name: string
  prettyName: string
  cpu: string
  ram: string
  ephemeralStorage: string
  accelerator: {
    type: 'gpu' | 'neuron'
    model: string
    quantity: string
    vram: string
    manufacturer: 'Nvidia' | 'AWS'
  } | null
  unitCostMicroUSD: number
  unitCostUSD: number
  unitLabel: 'minute'
}

type Row = [
  name: string,
  usdPerHour: number,
  cpu: string,
  ram: string,
  gpu?: [model: string, quantity: number, vram: string],
]

/** Names and prices: https://huggingface.co/docs/hub/jobs-pricing */
const ROWS: readonly Row[] = [
  ['cpu-basic', 0.01, '2 vCPU', '16 GB'],
  ['cpu-upgrade', 0.03, '8 vCPU', '32 GB'],
  ['cpu-performance', 1.9, '32 vCPU', '256 GB'],
  ['cpu-xl', 1, '16 vCPU', '124 GB'],
  ['t4-small', 0.4, '4 vCPU', '15 GB', ['T4', 1, '16 GB']],
  ['t4-medium', 0.6, '8 vCPU', '30 GB', ['T4', 1, '16 GB']],
  ['l4x1', 0.8, '8 vCPU', '30 GB', ['L4', 1, '24 GB']],
  ['l4x4', 3.8, '48 vCPU', '186 GB', ['L4', 4, '96 GB']],
  ['l40sx1', 1.8, '8 vCPU', '62 GB', ['L40S', 1, '48 GB']],
  ['l40sx4', 8.3, '48 vCPU', '382 GB', ['L40S', 4, '192 GB']],
  ['l40sx8', 23.5, '192 vCPU', '1534 GB', ['L40S', 8, '384 GB']],
  ['a10g-small', 1, '4 vCPU', '15 GB', ['A10G', 1, '24 GB']],
  ['a10g-large', 1.5, '12 vCPU', '46 GB', ['A10G', 1, '24 GB']],
  ['a10g-largex2', 3, '24 vCPU', '92 GB', ['A10G', 2, '48 GB']],
  ['a10g-largex4', 5, '48 vCPU', '184 GB', ['A10G', 4, '96 GB']],
  ['a100-large', 2.5, '12 vCPU', '142 GB', ['A100', 1, '80 GB']],
  ['a100x4', 10, '48 vCPU', '568 GB', ['A100', 4, '320 GB']],
  ['a100x8', 20, '96 vCPU', '1136 GB', ['A100', 8, '640 GB']],
  ['h200', 5, '23 vCPU', '256 GB', ['H200', 1, '141 GB']],
  ['h200x2', 10, '46 vCPU', '512 GB', ['H200', 2, '282 GB']],
  ['h200x4', 20, '92 vCPU', '1024 GB', ['H200', 4, '564 GB']],
  ['h200x8', 40, '184 vCPU', '2048 GB', ['H200', 8, '1128 GB']],
]

/** What the public list shows. */
export const HARDWARE: readonly Hardware[] = ROWS.map(([name, usdPerHour, cpu, ram, gpu]) => {
  const unitCostMicroUSD = Math.round((usdPerHour * 1_000_000) / 60)
  return {
    name,
    prettyName: gpu === undefined ? name.replace('cpu-', 'CPU ') : `${gpu[1]}x Nvidia ${gpu[0]} (${name})`,
    cpu,
    ram,
    ephemeralStorage: gpu === undefined ? '20 GB' : '100 GB',
    accelerator:
      gpu === undefined
        ? null
        : { type: 'gpu', model: gpu[0], quantity: String(gpu[1]), vram: gpu[2], manufacturer: 'Nvidia' },
    unitCostMicroUSD,
    unitCostUSD: unitCostMicroUSD / 1_000_000,
    unitLabel: 'minute',
  }
})

/** What the API takes besides, though the public list does not show it: https://huggingface.co/docs/hub/api#jobs */
const HIDDEN = [
  'sprx8',
  'zero-a10g',
  'rtx-pro-6000',
  'rtx-pro-6000x2',
  'rtx-pro-6000x4',
  'rtx-pro-6000x8',
  'inf2x6',
]

/** Every `flavor` that the API takes. */
export const FLAVORS: readonly string[] = [...HARDWARE.map(({ name }) => name), ...HIDDEN]
