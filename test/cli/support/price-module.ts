import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '@recyclique/contracts'
import { manifestOf } from '../../conformance/workshop-folders.ts'

type Made = {
  version: string
  cents: number
  manifest?: Partial<Manifest>
  /** What stands in its main before it runs. */
  before?: string
}

/** A module that suggests one price, in a folder of its own. */
export const priceModule = (folder: string, { version, cents, manifest, before = '' }: Made): string => {
  mkdirSync(folder, { recursive: true })
  const answers = [{ hook: 'price.suggest' }]
  const said = { ...manifestOf('prices', { answers }), version, ...manifest }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(said, null, 2))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'prices-module', version, type: 'module' }))
  writeFileSync(
    join(folder, 'main.ts'),
    `import { readFileSync } from 'node:fs'
import { Manifest, parseJson, PriceSuggest } from '@recyclique/contracts'
import { defineModule, runModule } from '@recyclique/sdk'

const manifest = parseJson(Manifest, readFileSync(new URL('manifest.json', import.meta.url), 'utf8'), 'manifest.json')
${before}
await runModule(defineModule(manifest).answer(PriceSuggest, async () => ({ unitCents: ${cents} })))
`,
  )
  return folder
}
