import { KV_LIMITS, KvGet, KvList, KvPut, KvRemove, type Manifest, parse } from '@recyclique/contracts'
import { type Grants, granting, Unwished } from './grant.ts'

/** What stands under a key: its JSON text, when it was put there, and when it is gone. */
type Kept = { readonly text: string; readonly revision: number; readonly untilMs: number }

const PAGE = 100

/** The kernel's part of keys and values: where the manifest says `keeps`, within its limits, and only at the revision that was named. */
export const openKv = ({ name, keeps }: Manifest, now: () => Date) => {
  const kept = new Map<string, Kept>()
  let last = 0

  const forgetExpired = () => {
    for (const [key, { untilMs }] of kept) if (untilMs <= now().getTime()) kept.delete(key)
  }

  const refuseOther = (key: string, expected: number | undefined) => {
    const found = kept.get(key)?.revision ?? 0
    if (expected !== undefined && expected !== found)
      throw new Unwished('conflict', `'${key}' stands at revision ${found}, not at ${expected}.`)
  }

  const put = (body: unknown) => {
    const { key, value, revision: expected, ttlSeconds = Number.POSITIVE_INFINITY } = parse(KvPut, body, 'kv.put')
    const text = JSON.stringify(value)
    const bytes = Buffer.byteLength(text)
    if (bytes > KV_LIMITS.valueBytes)
      throw new Unwished('too-large', `'${key}' has ${bytes} bytes; ${KV_LIMITS.valueBytes} can be kept under one key.`)
    refuseOther(key, expected)
    if (!kept.has(key) && kept.size >= KV_LIMITS.keys) throw new Unwished('full', `${KV_LIMITS.keys} keys are kept.`)
    const others = [...kept].reduce((sum, [one, { text }]) => sum + (one === key ? 0 : Buffer.byteLength(text)), 0)
    if (others + bytes > KV_LIMITS.allBytes) throw new Unwished('full', `${KV_LIMITS.allBytes} bytes are kept.`)
    last += 1
    kept.set(key, { text, revision: last, untilMs: now().getTime() + ttlSeconds * 1_000 })
    return { revision: last }
  }

  const remove = (body: unknown) => {
    const { key, revision: expected } = parse(KvRemove, body, 'kv.remove')
    refuseOther(key, expected)
    kept.delete(key)
    return null
  }

  const get = (body: unknown) => {
    const { key } = parse(KvGet, body, 'kv.get')
    const found = kept.get(key)
    if (!found) return null
    const { text, revision, untilMs } = found
    const until = Number.isFinite(untilMs) ? { expiresAt: new Date(untilMs).toISOString() } : {}
    return { key, value: JSON.parse(text), revision, ...until }
  }

  const list = (body: unknown) => {
    const { prefix = '', after = '', limit = PAGE } = parse(KvList, body, 'kv.list')
    const all = [...kept.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
    const keys = all.slice(0, limit)
    return { keys, ...(all.length > limit ? { next: keys.at(-1) } : {}) }
  }

  const declared =
    (work: (body: unknown) => unknown) =>
    (body: unknown): unknown => {
      if (!keeps) throw new Unwished('not-declared', `The manifest of ${name} does not say 'keeps'.`)
      forgetExpired()
      return work(body)
    }
  const verbs: Grants = { get: declared(get), put: declared(put), remove: declared(remove), list: declared(list) }
  return granting('kv', verbs)
}
