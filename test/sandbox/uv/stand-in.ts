import { fileURLToPath } from 'node:url'

/** For `uvPath` of the sandbox Hub's Jobs: what takes uv's place where only Node is there. uv.ts says what it does. */
export const standInUv = fileURLToPath(new URL('uv.ts', import.meta.url))
