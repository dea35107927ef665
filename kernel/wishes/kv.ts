import { KV_LIMITS, type KvEntry, KvGet, KvList, type KvPage, KvPut, KvRemove } from '@recyclique/contracts'
import type { RegistryParts } from '../registry/parts.ts'
import { changeKv, forgetExpired, IS_THERE } from './change-kv.ts'
import { readWish, Unwished } from './wish.ts'

type Parts = Pick<RegistryParts, 'read' | 'decide' | 'now' | 'log' | 'jobsMs'>

const PAGE = 100

/** Between two looks at what has expired. Nobody reads it meanwhile: it only takes room. */
const FORGET_EVERY_MS = 10_000

/** Keys and values of a module's own. What is answered is on disk. */
export const openKv = ({ read, decide, now, log, jobsMs: everyMs = FORGET_EVERY_MS }: Parts) => {
  let last = 0
  const nowMs = () => now().getTime()
  /** Microseconds since 1970, each once: it grows over restarts as well, without a count that would have to be kept. */
  const nextRevision = () => {
    last = Math.max(last + 1, nowMs() * 1_000)
    return last
  }

  const get = async (module: string, body: unknown): Promise<KvEntry | null> => {
    const { key } = readWish(KvGet, body, 'kv.get')
    const row = await read.one<{ value: string; revision: number; expires_at: number | null }>(
      `SELECT value, revision, expires_at FROM module_kv WHERE module = ? AND key = ? AND ${IS_THERE}`,
      ...[module, key, nowMs()],
    )
    if (!row) return null
    const until = row.expires_at === null ? {} : { expiresAt: new Date(row.expires_at).toISOString() }
    return { key, value: JSON.parse(row.value), revision: row.revision, ...until }
  }

  const put = async (module: string, body: unknown) => {
    const { key, value, revision: expected, ttlSeconds } = readWish(KvPut, body, 'kv.put')
    const text = JSON.stringify(value)
    const bytes = Buffer.byteLength(text)
    if (bytes > KV_LIMITS.valueBytes)
      throw new Unwished('too-large', `'${key}' has ${bytes} bytes; ${KV_LIMITS.valueBytes} can be kept under one key.`)
    const revision = nextRevision()
    await decide(changeKv, {
      ...{ module, key, value: text, bytes, revision, nowMs: nowMs() },
      ...(expected === undefined ? {} : { expected }),
      ...(ttlSeconds === undefined ? {} : { expiresAt: nowMs() + ttlSeconds * 1_000 }),
    })
    return { revision }
  }

  const remove = async (module: string, body: unknown) => {
    const { key, revision: expected } = readWish(KvRemove, body, 'kv.remove')
    await decide(changeKv, {
      ...{ module, key, bytes: 0, revision: nextRevision(), nowMs: nowMs() },
      ...(expected === undefined ? {} : { expected }),
    })
    return null
  }

  const list = async (module: string, body: unknown): Promise<KvPage> => {
    const { prefix = '', after = '', limit = PAGE } = readWish(KvList, body, 'kv.list')
    const rows = await read.all<{ key: string }>(
      `SELECT key FROM module_kv WHERE module = ? AND key > ? AND substr(key, 1, ?) = ? AND ${IS_THERE} ORDER BY key LIMIT ?`,
      ...[module, after, prefix.length, prefix, nowMs(), limit + 1],
    )
    const keys = rows.slice(0, limit).map(({ key }) => key)
    const next = rows.length > limit ? keys.at(-1) : undefined
    return { keys, ...(next === undefined ? {} : { next }) }
  }

  /** Asks first: a look at nothing costs no write. */
  const forget = async () => {
    const isThere = await read.one('SELECT 1 FROM module_kv WHERE expires_at <= ? LIMIT 1', nowMs())
    if (isThere) await decide(forgetExpired, { nowMs: nowMs() })
  }
  let forgetting: Promise<void> | undefined
  const timer = setInterval(() => {
    forgetting ??= forget()
      .catch((err: unknown) => log.warn({ err }, 'what has expired could not be taken away; it is tried again'))
      .finally(() => {
        forgetting = undefined
      })
  }, everyMs).unref()

  return {
    verbs: { get, put, remove, list },
    async stop() {
      clearInterval(timer)
      await forgetting
    },
  }
}
