// A module of the tests in a process of its own: the second fact of its life kills it each time, as a fault in a native library would.
import { join } from 'node:path'
import { PostChanged } from '@recyclique/contracts'
import { defineModule, openOnceStore, runModule } from '@recyclique/sdk'

const folder = process.env.RECYCLIQUE_MODULE_DATA ?? ''
const base = defineModule({
  name: 'stock',
  version: process.env.TEST_IS_MENDED === '1' ? '1.0.1' : '1.0.0',
  description: 'Cannot live with one fact.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  hears: ['post.changed'],
  hearsFrom: 'start',
}).hear(PostChanged, ({ data }, { once, isRetry }) => {
  if (data.name === 'Poison' && process.env.TEST_IS_MENDED !== '1') process.kill(process.pid, 'SIGKILL')
  const kept =
    process.env.TEST_HAS_STORE !== '1' || once((db) => db.prepare('INSERT INTO post VALUES (?)').run(data.name))
  console.log(`${isRetry ? 'took again' : 'took'} ${data.name}${kept ? '' : ', known already'}`)
})

const module =
  process.env.TEST_HAS_STORE === '1'
    ? base.keepIn(openOnceStore(join(folder, 'posts.sqlite'), 'CREATE TABLE IF NOT EXISTS post (name TEXT)'))
    : base

await runModule(module)
