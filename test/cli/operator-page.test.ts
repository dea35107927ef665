import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeConfig } from '../../cli/workshop/config-file.ts'
import { runCli } from './support/run-cli.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operator.md'), 'utf8')

test('the configuration on the page is one that is taken', () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? []
  const config = takeConfig(yaml, 'docs/operator.md')
  expect(config.modules?.map(({ name }) => name)).toEqual(['live-figures', 'prices', 'labels'])
  expect(config.site?.vatRegime).toBe('franchise')
})

test('every command on the page is one', async () => {
  const named = [...page.matchAll(/(?:npx recyclique |`)(modules|config|keys) ([a-z]+)/g)]
  expect(named.length).toBeGreaterThan(15)
  for (const group of ['modules', 'config', 'keys']) {
    const { stdout } = await runCli([group, '--help'])
    for (const [, of, name] of named) if (of === group) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
  }
})
