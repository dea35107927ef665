import type { Manifest } from '@recyclique/contracts'
import { expect, test } from 'vitest'
import { shownConfig } from '../../modules/sdk/config-shown.ts'
import { readSettings } from '../../modules/sdk/settings.ts'

const manifest: Manifest = {
  ...{ name: 'paheko', version: '1.0.0', description: 'Accounting.', kernel: '*', protocol: { min: 1, max: 1 } },
  config: {
    type: 'object',
    properties: {
      url: { type: 'string' },
      token: { type: 'string', secret: true },
      retries: { type: 'integer', default: 5 },
      journal: { type: 'string' },
    },
  },
}

const settingsWith = (config: string, origin?: string) =>
  readSettings('paheko', {
    ...{ RECYCLIQUE_SITE: 'essai', RECYCLIQUE_REDUCED: '1', RECYCLIQUE_MODULE_CONFIG: config },
    ...(origin === undefined ? {} : { RECYCLIQUE_MODULE_CONFIG_ORIGIN: origin }),
  })

test('each key with its origin; a secret, and what no schema knows, without its value', () => {
  const settings = settingsWith('{"url":"https://x","token":"s3cret","typo":"s3cret too"}', 'recyclique.yaml')
  const shown = shownConfig(manifest, settings)
  expect(shown).toEqual([
    { key: 'url', secret: false, origin: 'recyclique.yaml', value: 'https://x' },
    { key: 'token', secret: true, origin: 'recyclique.yaml' },
    { key: 'retries', secret: false, origin: 'default', value: 5 },
    { key: 'journal', secret: false, origin: 'not set' },
    { key: 'typo', secret: true, origin: 'recyclique.yaml' },
  ])
  expect(JSON.stringify(shown)).not.toContain('s3cret')
})

test('without a schema and without a configuration there is nothing to show', () => {
  const { config: _, ...unset } = manifest
  expect(shownConfig(unset, settingsWith(''))).toEqual([])
})

test('a configuration that is no object is refused, and not repeated', () => {
  for (const text of ['["s3cret"]', '{"token":"s3cret"', '"s3cret"', 'null']) {
    expect(() => settingsWith(text)).toThrow('RECYCLIQUE_MODULE_CONFIG must be a JSON object')
    expect(() => settingsWith(text)).not.toThrow('s3cret')
  }
})
