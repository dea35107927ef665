import { join } from 'node:path'
import { expect, test } from 'vitest'
import { conform } from '../../cli/conform/conform.ts'
import { readManifest } from '../../cli/workshop/read-manifest.ts'

const resultOf = async (how: string) => {
  const read = await readManifest(join(import.meta.dirname, 'paper.json'))
  if (!read || 'why' in read) throw new Error('no manifest')
  const { results } = await conform({
    ...{ manifest: read.manifest, env: process.env, only: ['announce', 'routes-parts'], timeoutMs: 2_000 },
    command: [process.execPath, join(import.meta.dirname, 'paper-module.ts'), how],
    ...{ startMs: 20_000, onLine: () => {}, say: () => {}, onResult: () => {} },
  })
  return results.find(({ name }) => name === 'routes-parts')
}

test.concurrent('a module that hands its long answers over well has passed, and one reads how much it was', async () => {
  expect(await resultOf('whole')).toMatchObject({ state: 'passed', seen: 'GET /rolls 15 bytes in 3 parts' })
})

test.concurrent('one that loses a part reads which', async () => {
  expect(await resultOf('losing')).toMatchObject({
    ...{ state: 'failed', seen: 'GET /rolls: part 2 was asked for, and 3 came' },
  })
})

test.concurrent('one that goes on when nobody wants it any more is found out', async () => {
  expect(await resultOf('running-on')).toMatchObject({
    ...{ state: 'failed', seen: 'GET /rolls: after { "stop": true } part 2 came all the same' },
  })
})
