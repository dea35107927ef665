import { randomBytes } from 'node:crypto'
import { type Kv, NotGranted } from '@recyclique/sdk'
import type { Input } from './tool.ts'

export interface Answer {
  readonly text: string
  readonly isError: boolean
}

/** Something that a person is asked to confirm, and what became of it. */
export interface Intent {
  readonly tool: string
  readonly input: Input
  readonly digest: string
  /** Whose it is: the token's name. Nobody else can confirm it. */
  readonly author: string
  /** The session in which it was asked; empty where the protocol has none. */
  readonly session: string
  /** `asked`: by the client, of a person. `two-step`: by a second call. */
  readonly way: 'asked' | 'two-step'
  readonly question: string
  readonly expiresAt: number
  /** Confirmed at this moment: from then on it may have been done. Milliseconds since 1970. */
  readonly begunAt?: number
  /** It is over: the same answer for whoever asks again. */
  readonly answer?: Answer
}

export interface KeptIntent {
  readonly id: string
  readonly intent: Intent
  readonly revision: number
}

/** So long an answer that was lost can be had again. */
const KEPT_MS = 24 * 3_600_000
/** A call with the same arguments within this time may be the same one, sent again. */
const SAME_WITHIN_MS = 3_600_000

/**
 * What waits for a confirmation. The kernel keeps it, so that a confirmation that is sent twice, or after this process died, does what it
 * confirms once: the intent's id is the key under which it is done.
 */
export const openIntents = (kv: Kv, now: () => number) => {
  const get = async (id: string): Promise<KeptIntent | undefined> => {
    if (!ID.test(id)) return undefined
    const entry = await kv.get<Intent>(`intent/${id}`)
    return entry && { id, intent: entry.value, revision: entry.revision }
  }
  const lastKey = ({ author, digest }: Pick<Intent, 'author' | 'digest'>) => `last/${author}/${digest}`
  return {
    get,
    async make(intent: Intent): Promise<string> {
      const id = `${randomBytes(15).toString('hex')}`
      await kv.put(`intent/${id}`, intent, { revision: 0 })
      return id
    },
    /** Marks it as begun: of two at once one does. False: it is not as it was. */
    async begin({ id, intent, revision }: KeptIntent): Promise<boolean> {
      await kv.put(lastKey(intent), { id, at: now() })
      try {
        await kv.put(`intent/${id}`, { ...intent, begunAt: now() }, { revision })
        return true
      } catch (error) {
        if (error instanceof NotGranted && error.code === 'conflict') return false
        throw error
      }
    },
    end: async ({ id, intent }: KeptIntent, answer: Answer): Promise<void> => {
      await kv.put(`intent/${id}`, { ...intent, begunAt: intent.begunAt ?? now(), answer })
    },
    drop: (id: string): Promise<void> => kv.remove(`intent/${id}`),
    /** The same call of the same author that was begun a little while ago, finished or not. */
    async sameAsBefore(what: Pick<Intent, 'author' | 'digest'>): Promise<KeptIntent | undefined> {
      const last = await kv.get<{ id: string; at: number }>(lastKey(what))
      if (!last || last.value.at < now() - SAME_WITHIN_MS) return undefined
      const found = await get(last.value.id)
      return found?.intent.begunAt === undefined ? undefined : found
    },
    /** Forgets what nobody can ask for any more. */
    async sweep(): Promise<number> {
      let swept = 0
      for (const prefix of ['intent/', 'last/'])
        for await (const key of kv.keys(prefix)) {
          const entry = await kv.get<{ expiresAt?: number; begunAt?: number; at?: number }>(key)
          const { expiresAt = 0, begunAt = 0, at = 0 } = entry?.value ?? {}
          if (Math.max(expiresAt, begunAt, at) > now() - KEPT_MS) continue
          await kv.remove(key)
          swept += 1
        }
      return swept
    },
  }
}

export type Intents = ReturnType<typeof openIntents>

const ID = /^[0-9a-f]{30}$/
