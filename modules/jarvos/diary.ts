import { createHmac, randomBytes } from 'node:crypto'
import { type Kv, NotGranted, NotTold, type Tell } from '@recyclique/sdk'
import { Trouble } from './kernel-api.ts'

export type Outcome = 'done' | 'asked' | 'declined' | 'refused' | 'failed' | 'unknown'

/** One call, as it stands in the event log. Never its arguments: somebody may have written a name into them. */
export interface CallNoted {
  /** The same before and after. */
  readonly call: string
  readonly token: string
  readonly tool: string
  readonly digest: string
}

/** Who waits for an answer does not wait longer for the log. */
const TOLD_WITHIN_MS = 8_000

/** Writes down who used what, and how it ended. What is written is on disk. */
export const openDiary = (kv: Kv, tell: Tell) => {
  let secret: Promise<string> | undefined
  /** False where it is not on disk yet: then it is tried on. */
  const told = async (name: string, data: object, key?: string): Promise<boolean> => {
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(false), TOLD_WITHIN_MS)
    const telling = tell(name, data, key === undefined ? {} : { key }).then(() => true)
    telling.catch(() => {})
    try {
      return await Promise.race([telling, late.promise])
    } catch (error) {
      if (!(error instanceof NotTold)) throw error
      throw new Trouble('failed', `The event log does not take it, so nothing is done: ${error.message}.`)
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    /** Tells two calls with the same arguments, and nothing else about them: without the centre's key nobody can try values out. */
    async digest(what: unknown): Promise<string> {
      secret ??= secretIn(kv)
      const key = await secret.catch((error: unknown) => {
        secret = undefined
        throw error
      })
      return createHmac('sha256', key).update(JSON.stringify(what, sorted)).digest('hex').slice(0, 32)
    },
    /** Before something is changed: who dies in the middle leaves a trace. */
    async begun({ call, token, tool, digest }: CallNoted): Promise<void> {
      if (await told('jarvos.call.begun', { call, token, tool, digest }, `begun-${call}`)) return
      const words = 'It cannot be written into the event log now, so it is not done: try again a little later.'
      throw new Trouble('unknown', words)
    },
    /** What is done is done: its end is written as soon as it can be. */
    ended: ({ call, token, tool, digest }: CallNoted, outcome: Outcome, ms: number): Promise<boolean> =>
      told('jarvos.call.ended', { call, token, tool, digest, outcome, ms: Math.round(ms) }),
    tokenAdded: (token: string, tools: readonly string[], by: string) =>
      told('jarvos.token.added', { token, tools, by }),
    tokenRevoked: (token: string, by: string) => told('jarvos.token.revoked', { token, by }),
  }
}

export type Diary = ReturnType<typeof openDiary>

/** The first process that needs one makes it; all others find it. */
const secretIn = async (kv: Kv): Promise<string> => {
  const found = await kv.get<string>('secret')
  if (found) return found.value
  try {
    const made = randomBytes(32).toString('base64url')
    await kv.put('secret', made, { revision: 0 })
    return made
  } catch (error) {
    if (error instanceof NotGranted && error.code === 'conflict') return secretIn(kv)
    throw error
  }
}

/** The order in which an assistant writes its arguments says nothing. */
const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
