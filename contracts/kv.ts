import { type Static, Type } from '@sinclair/typebox'
import { Instant } from './text.ts'

/** What one module may keep: so many keys, so many bytes a value, so many bytes over all. */
export const KV_LIMITS = { keys: 10_000, valueBytes: 256 * 1024, allBytes: 32 * 1024 * 1024 } as const

export const KvKey = Type.String({
  pattern: '^[A-Za-z0-9._:/-]{1,256}$',
  description: "1 to 256 of A-Z, a-z, 0-9, '.', '_', ':', '/' and '-'",
})

/** Grows with each change in the module's space; never the same twice, also where a key is removed and made again. */
const Revision = Type.Integer({ minimum: 0 })

export const KvGet = Type.Object({ key: KvKey })
export const KvEntry = Type.Object({
  key: KvKey,
  value: Type.Unknown(),
  revision: Revision,
  /** When it will be gone; absent: never by itself. */
  expiresAt: Type.Optional(Instant),
})
export type KvEntry = Static<typeof KvEntry>

/**
 * `revision`: only where the key stands so now; 0: only where it is not there. Absent: whatever stands there. `ttlSeconds`: so long from
 * now, by the kernel's clock, and then it is gone, as if it had been removed. A put without it takes an earlier one away.
 */
export const KvPut = Type.Object({
  key: KvKey,
  value: Type.Unknown(),
  revision: Type.Optional(Revision),
  ttlSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 366 * 24 * 3_600 })),
})
export type KvPut = Static<typeof KvPut>
export const KvRemove = Type.Object({ key: KvKey, revision: Type.Optional(Revision) })
export type KvRemove = Static<typeof KvRemove>

/** Keys in their order, those that begin with `prefix`, behind `after`. */
export const KvList = Type.Object({
  prefix: Type.Optional(Type.String({ maxLength: 256 })),
  after: Type.Optional(Type.String({ maxLength: 256 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
})
export const KvPage = Type.Object({ keys: Type.Array(KvKey), next: Type.Optional(KvKey) })
export type KvPage = Static<typeof KvPage>
