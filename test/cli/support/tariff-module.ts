import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '@recyclique/contracts'
import { manifestOf } from '../../conformance/workshop-folders.ts'

const config: Manifest['config'] = {
  type: 'object',
  properties: { cents: { type: 'integer', default: 1 }, label: { type: 'string', default: 'green' } },
}

/** A module that answers with what is set for it, in a folder of its own. */
export const tariffModule = (folder: string): string => {
  mkdirSync(folder, { recursive: true })
  const routes: Manifest['routes'] = [{ method: 'GET', path: '/set' }]
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifestOf('tariff', { config, routes })))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'tariff', version: '1.0.0', type: 'module' }))
  writeFileSync(
    join(folder, 'main.ts'),
    `import { readFileSync } from 'node:fs'
import { Manifest, objectSchemaFrom, parseJson } from '@recyclique/contracts'
import { defineModule, json, openConfig, runModule } from '@recyclique/sdk'

const manifest = parseJson(Manifest, readFileSync(new URL('manifest.json', import.meta.url), 'utf8'), 'manifest.json')
const config = openConfig(objectSchemaFrom(manifest.config))
await runModule(defineModule(manifest).configure(config).route('GET', '/set', () => json({ ...config.current })))
`,
  )
  return folder
}
