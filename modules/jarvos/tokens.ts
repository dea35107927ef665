import { createHash, randomBytes } from 'node:crypto'
import type { Kv } from '@recyclique/sdk'

/** Who calls: the token's name and what it may use. The token itself stands nowhere. */
export interface Author {
  readonly name: string
  readonly grants: readonly string[]
}

interface KeptToken {
  readonly name: string
  readonly grants: readonly string[]
  readonly by: string
  readonly at: string
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/
const PREFIX = 'token/'

/** Says what to type; the operator reads it. */
export class BadToken extends Error {}

/**
 * The tokens of the assistants. The kernel keeps each under its SHA-256: 256 bits by chance need no slower hash, and whoever reads
 * the store can sign in with nothing that stands there. Looked up at each request, so that a token that was revoked opens nothing from that moment.
 */
export const openTokens = (kv: Kv, now: () => Date) => {
  const all = async (): Promise<(KeptToken & { key: string })[]> => {
    const found = []
    for await (const key of kv.keys(PREFIX)) {
      const entry = await kv.get<KeptToken>(key)
      if (entry) found.push({ key, ...entry.value })
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1))
  }
  return {
    all,
    /** Gives the token, which is shown once and kept nowhere. */
    async add({ name, grants, by }: Omit<KeptToken, 'at'>): Promise<string> {
      if (!NAME.test(name))
        throw new BadToken(
          `'${name.slice(0, 60)}' is no name for a token: use 1 to 32 of a-z, 0-9 and -, not at the ends`,
        )
      if ((await all()).some((one) => one.name === name))
        throw new BadToken(`there is a token '${name}' already: revoke it first, or choose another name`)
      const token = `rqj_${randomBytes(32).toString('base64url')}`
      const kept: KeptToken = { name, grants, by, at: now().toISOString() }
      await kv.put(keyOf(token), kept, { revision: 0 })
      return token
    },
    async revoke(name: string): Promise<void> {
      const found = (await all()).filter((one) => one.name === name)
      if (found.length === 0)
        throw new BadToken(`there is no token '${name.slice(0, 60)}': see \`recyclique jarvos token-list\``)
      for (const { key } of found) await kv.remove(key)
    },
    /** Whose `Authorization` header this is; undefined for nobody's. */
    async authorOf(header: string | undefined): Promise<Author | undefined> {
      const [, token] = /^bearer +(rqj_[A-Za-z0-9_-]{43})$/i.exec(header ?? '') ?? []
      if (token === undefined) return undefined
      const entry = await kv.get<KeptToken>(keyOf(token))
      return entry && { name: entry.value.name, grants: entry.value.grants }
    },
  }
}

export type Tokens = ReturnType<typeof openTokens>

const keyOf = (token: string): string => `${PREFIX}${createHash('sha256').update(token).digest('hex')}`
