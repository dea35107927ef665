// A module of the tests in a process of its own: long answers of every kind, byte by byte what a test can make as well.
import { createCipheriv } from 'node:crypto'
import { defineModule, runModule } from '@recyclique/sdk'

const MEBIBYTE = 1024 ** 2

/** The same bytes for the same number, and no two mebibytes alike. */
const mebibyte = (nth: number): Buffer =>
  createCipheriv('aes-128-ctr', 'sixteen letters!', Buffer.alloc(16, nth)).update(Buffer.alloc(MEBIBYTE))

let given = 0
let ends = 0

async function* mebibytes(count: number) {
  try {
    for (let nth = 0; nth < count; nth += 1) {
      given += 1
      yield mebibyte(nth % 4)
    }
  } finally {
    ends += 1
  }
}

async function* brokenOff() {
  yield* mebibytes(8)
  throw new Error('the printer is out of paper')
}

const routes = ['/whole/:count', '/pieces/:count', '/broken', '/counts'].map((path) => ({
  method: 'GET' as const,
  path,
}))

const module = defineModule({
  name: 'sheets',
  version: '1.0.0',
  description: 'Answers at length.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  routes,
})
  .route('GET', '/whole/:count', ({ params }) => ({
    headers: { 'content-type': 'application/pdf' },
    body: Buffer.concat(Array.from({ length: Number(params.count) }, (_, nth) => mebibyte(nth % 4))),
  }))
  .route('GET', '/pieces/:count', ({ params }) => ({
    headers: { 'content-type': 'image/png' },
    body: mebibytes(Number(params.count)),
  }))
  .route('GET', '/broken', () => ({ body: brokenOff() }))
  .route('GET', '/counts', () => ({ body: JSON.stringify({ given, ends }) }))

await runModule(module)
