import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, credsAuthenticator, type Msg } from '@nats-io/transport-node'

/** Answers part by part, without the SDK. `whole` does it well; `losing` skips a number; `running-on` is not stopped by anybody. */
const [, , how = ''] = process.argv
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, 'paper.json'), 'utf8')) as object
const { NATS_URL, RECYCLIQUE_CREDS, RECYCLIQUE_SITE: site, RECYCLIQUE_INSTANCE: instance = '' } = process.env
const mine = `rq.${site}.mod.paper.${instance}.`

const connection = await connect({
  ...{ servers: NATS_URL as string, name: instance, inboxPrefix: '_INBOX.paper' },
  authenticator: credsAuthenticator(readFileSync(RECYCLIQUE_CREDS as string)),
})
const hear = (verb: string, answer: (message: Msg) => object | undefined) =>
  connection.subscribe(`${mine}${verb}`, {
    callback: (_, message) => {
      const said = answer(message)
      if (said) message.respond(JSON.stringify(said))
    },
  })

const PARTS = ['a roll', ' of paper', '']
const stopped = new Set<string>()
let rolls = 0
hear('http', () => ({ status: 200, headers: {}, body: '', parts: { name: `roll-${++rolls}`, bytes: 15 } }))
hear('body.*', (message) => {
  const name = message.subject.split('.').at(-1) ?? ''
  const wish = message.json<{ part?: number; stop?: true }>()
  if (wish.stop) return void stopped.add(name)
  const part = wish.part ?? 0
  if (stopped.has(name) && how !== 'running-on') return { error: 'over' }
  if (part > PARTS.length) return { part, done: true, bytes: 15 }
  const number = how === 'losing' && part === 2 ? 3 : part
  return { part: number, data: Buffer.from(PARTS[part - 1] ?? '').toString('base64') }
})

const startedAt = new Date().toISOString()
const said = JSON.stringify({ manifest, manifestHash: 'a'.repeat(64), instance, startedAt })
await connection.request(`rq.${site}.kernel.paper.announce`, said, { timeout: 5_000 })
