import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Node's options and surroundings as `recyclique up` gives them to the kernel (cli/up/child.ts, cli/up/spawn-kernel.ts). */
export const KERNEL_FLAGS = ['--max-semi-space-size=4', '--max-old-space-size=192']

export const KERNEL_ENV = { NODE_COMPILE_CACHE: join(tmpdir(), 'recyclique-bench-compiled') }
