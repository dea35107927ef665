import { expect, test } from 'vitest'
import { moduleEnv } from '../../cli/up/module-env.ts'

test('a module sees what everybody needs and what bears its name, and no secret of another', () => {
  const env = {
    PATH: '/bin',
    LC_ALL: 'fr_FR.UTF-8',
    PAHEKO_TOKEN: 'p',
    LIVE_FIGURES_COLOUR: 'green',
    RECYCLIQUE_KEYS: '/keys',
    AWS_SECRET_ACCESS_KEY: 's',
  }
  expect(moduleEnv('live-figures', env)).toEqual({ PATH: '/bin', LC_ALL: 'fr_FR.UTF-8', LIVE_FIGURES_COLOUR: 'green' })
  expect(moduleEnv('paheko', env)).toMatchObject({ PAHEKO_TOKEN: 'p' })
})
