import { FLOOR, isTested, TESTED_MINORS } from '../nats/version.ts'
import { lookForNatsServer } from '../nats-server.ts'
import { lookAtServer } from '../up/foreign-server.ts'
import { holderOf } from '../up/lock.ts'
import { natsPortOf } from '../up/prepare-keys.ts'
import { runFiles } from '../up/run-file.ts'
import { programVersion } from '../version.ts'
import { bad, type Check, type Found, ok, warn } from './finding.ts'

const NEEDED_NODE = 24

/** The program itself and the Node that runs it. */
export const program: Check = {
  about: 'program',
  look: async () => {
    const { node } = process.versions
    const words = `Recyclique ${programVersion()} on Node ${node}`
    const isOldEnough = Number(node.split('.')[0]) >= NEEDED_NODE
    return [
      isOldEnough ? ok(words) : bad(words, `Node ${NEEDED_NODE} is needed: type \`npm ci\`, which brings it along`),
    ]
  },
}

/** The server that carries the facts: ours, or somebody else's. */
export const natsServer: Check = {
  about: 'nats-server',
  look: async ({ env, data }) => {
    if (env.NATS_URL) return foreign(env.NATS_URL)
    const isRunning = (await holderOf(runFiles(data).lock)) !== undefined
    const found = await ours(env).catch((error: Error) => [
      bad(error.message, 'name another one, or leave RECYCLIQUE_NATS_SERVER out'),
    ])
    return [...found, ...(isRunning ? await answering(data) : [])]
  },
}

/** A server that hangs is still there, and keeps its port. */
const answering = async (data: string): Promise<Found[]> => {
  const url = `nats://127.0.0.1:${await natsPortOf(data)}`
  if ((await lookAtServer(url)) !== 'silent') return [ok(`it answers at ${url}`)]
  return [
    bad(
      `nobody answers at ${url}: the till sells, and no module hears of it`,
      'wait a moment; else stop Recyclique and start it again',
    ),
  ]
}

const ours = async (env: NodeJS.ProcessEnv): Promise<Found[]> => {
  const notes: string[] = []
  const found = await lookForNatsServer({ env, say: (line) => notes.push(line) })
  const passedOver = notes.map((line) => warn(line, 'remove it or bring it up to date; another one is used meanwhile'))
  if (!found)
    return [
      ...passedOver,
      warn(
        `there is none on this machine yet (${FLOOR} or newer)`,
        '`npm start` fetches one: that needs the internet, once',
      ),
    ]
  const words = `${found.version}, ${found.path}`
  if (isTested(found.version)) return [...passedOver, ok(words)]
  return [...passedOver, warn(`${words}: never tested with Recyclique`, `take one of ${TESTED_MINORS.join(', ')}`)]
}

/** The address may carry a password. */
const foreign = async (url: string): Promise<Found[]> => {
  const shown = url.replace(/\/\/[^/@\s]+@/, '//')
  const looks = await lookAtServer(url)
  if (looks === 'keyed') return [ok(`${shown} (NATS_URL) answers and asks for keys`)]
  if (looks === 'open')
    return [
      warn(
        `${shown} (NATS_URL) has none of our keys: modules are not kept apart, and a death is learnt late`,
        'give it the configuration that `recyclique keys init` writes, or leave NATS_URL out',
      ),
    ]
  return [
    bad(
      `nobody answers at ${shown} (NATS_URL): the till sells, and no module hears of it`,
      'start that server, or leave NATS_URL out',
    ),
  ]
}
