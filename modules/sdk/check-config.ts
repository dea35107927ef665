import type { Manifest } from '@recyclique/contracts'
import { canonical } from './canonical.ts'
import type { RunningConfig } from './config.ts'
import { ModuleError } from './errors.ts'

type Configured = { readonly manifest: Manifest; readonly config: RunningConfig | undefined }

/**
 * The manifest is read without running any code, and the code's types come from its own schema: both must say the same. Throws a
 * `ModuleError` with what the manifest should say.
 */
export const checkConfig = ({ manifest, config }: Configured): void => {
  if (!config && manifest.config) throw new ModuleError('config-nothing')
  if (!config) return
  const wanted = canonical(JSON.parse(JSON.stringify(config.schema)))
  if (canonical(manifest.config ?? {}) !== wanted) throw new ModuleError('config-differs', { wanted })
}
