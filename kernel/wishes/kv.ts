import { KV_LIMITS, type KvEntry, KvGet, KvList, type KvPage, KvPut, KvRemove } from '@recyclique/contracts'
import type { RegistryParts } from '../registry/parts.ts'
import { changeKv } from './change-kv.ts'
import { readWish, Unwished } from './wish.ts'

type Parts = Pick<RegistryParts, 'read' | 'decide' | 'now'>

const PAGE = 100

/** Keys and values of a module's own. What is answered is on disk. */
export const openKv = ({ read, decide, now }: Parts) => {
  let last = 0
  /** Microseconds since 1970, each once: it grows over restarts as well, without a count that would have to be kept. */
  const nextRevision = () => {
    last = Math.max(last + 1, now().getTime() * 1_000)
    return last
  }

  const get = async (module: string, body: unknown): Promise<KvEntry | null> => {
    const { key } = readWish(KvGet, body, 'kv.get')
    const row = await read.one<{ value: string; revision: number }>(
      'SELECT value, revision FROM module_kv WHERE module = ? AND key = ?',
      ...[module, key],
    )
    return row ? { key, value: JSON.parse(row.value), revision: row.revision } : null
  }

  const put = async (module: string, body: unknown) => {
    const { key, value, revision: expected } = readWish(KvPut, body, 'kv.put')
    const text = JSON.stringify(value)
    const bytes = Buffer.byteLength(text)
    if (bytes > KV_LIMITS.valueBytes)
      throw new Unwished('too-large', `'${key}' has ${bytes} bytes; ${KV_LIMITS.valueBytes} can be kept under one key.`)
    const revision = nextRevision()
    const change = { module, key, value: text, bytes, revision, ...(expected === undefined ? {} : { expected }) }
    await decide(changeKv, change)
    return { revision }
  }

  const remove = async (module: string, body: unknown) => {
    const { key, revision: expected } = readWish(KvRemove, body, 'kv.remove')
    await decide(changeKv, {
      ...{ module, key, bytes: 0, revision: nextRevision() },
      ...(expected === undefined ? {} : { expected }),
    })
    return null
  }

  const list = async (module: string, body: unknown): Promise<KvPage> => {
    const { prefix = '', after = '', limit = PAGE } = readWish(KvList, body, 'kv.list')
    const rows = await read.all<{ key: string }>(
      'SELECT key FROM module_kv WHERE module = ? AND key > ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT ?',
      ...[module, after, prefix.length, prefix, limit + 1],
    )
    const keys = rows.slice(0, limit).map(({ key }) => key)
    const next = rows.length > limit ? keys.at(-1) : undefined
    return { keys, ...(next === undefined ? {} : { next }) }
  }

  return { get, put, remove, list }
}
