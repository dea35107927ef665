import { KV_LIMITS } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import type { Rule } from '../ledger/rule.ts'
import { put, remove } from '../store/table.ts'

/** A key is written, or removed where `value` is absent. `expected`: only where it stands so; 0: only where it is not there. */
export interface ChangeKv {
  readonly module: string
  readonly key: string
  /** JSON text. */
  readonly value?: string
  readonly bytes: number
  readonly expected?: number
  readonly revision: number
  /** Milliseconds since 1970: what is over by then counts as gone, whether its row is there or not. */
  readonly nowMs: number
  readonly expiresAt?: number
}

interface State {
  readonly revision: number
  readonly bytes: number
  readonly keys: number
  readonly allBytes: number
}

/** What has not expired at a moment; a place for the moment stands in it. */
export const IS_THERE = '(expires_at IS NULL OR expires_at > ?)'

/** Goes through the ledger's transaction so that two processes that change one key are told apart; no fact, since nobody else may read it. */
export const changeKv: Rule<ChangeKv, State> = {
  async load(read, { module, key, nowMs }) {
    const own = await read.one<{ revision: number; bytes: number }>(
      `SELECT revision, bytes FROM module_kv WHERE module = ? AND key = ? AND ${IS_THERE}`,
      ...[module, key, nowMs],
    )
    const all = await read.one<{ keys: number; allBytes: number }>(
      `SELECT COUNT(*) AS keys, COALESCE(SUM(bytes), 0) AS allBytes FROM module_kv WHERE module = ? AND ${IS_THERE}`,
      ...[module, nowMs],
    )
    return {
      revision: own?.revision ?? 0,
      bytes: own?.bytes ?? 0,
      keys: all?.keys ?? 0,
      allBytes: all?.allBytes ?? 0,
    }
  },
  decide(state, { body: { module, key, value, bytes, expected, revision, expiresAt = null } }) {
    if (expected !== undefined && expected !== state.revision)
      refuse('kv-conflict', { key, expected, found: state.revision })
    if (value === undefined)
      return { facts: [], apart: state.revision === 0 ? [] : [remove('module_kv', { module, key })] }
    if (state.revision === 0 && state.keys >= KV_LIMITS.keys)
      refuse('kv-full', { module, what: `${KV_LIMITS.keys} keys` })
    if (state.allBytes - state.bytes + bytes > KV_LIMITS.allBytes)
      refuse('kv-full', { module, what: `${KV_LIMITS.allBytes} bytes` })
    return { facts: [], apart: [put('module_kv', { module, key, value, bytes, revision, expires_at: expiresAt })] }
  },
}

/** At a time: the next look takes the next ones. */
const MOST_AT_ONCE = 500

/** Takes away what has expired, so that no row is left for ever. One that was written anew meanwhile stays. */
export const forgetExpired: Rule<{ readonly nowMs: number }, readonly { module: string; key: string }[]> = {
  load: (read, { nowMs }) =>
    read.all<{ module: string; key: string }>(
      'SELECT module, key FROM module_kv WHERE expires_at <= ? ORDER BY expires_at LIMIT ?',
      ...[nowMs, MOST_AT_ONCE],
    ),
  decide: (rows) => ({ facts: [], apart: rows.map(({ module, key }) => remove('module_kv', { module, key })) }),
}
