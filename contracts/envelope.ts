import { Type } from '@sinclair/typebox'
import type { KeptFact } from './fact.ts'
import { parse, parseJson } from './parse.ts'
import { Day, Instant, Mode } from './text.ts'

/**
 * A fact on the wire: CloudEvents 1.0 in binary mode for NATS. The attributes are headers, the body is the data as JSON.
 *
 * Beside the standard's attributes: `rq-position` (the ledger's, and the stream's own sequence), `rq-journal`, `rq-seq`,
 * `rq-mode`, `rq-business-date`, `rq-actor`, `rq-version` and `rq-hash` (of the ledger's row).
 */
export const toHeaders = (fact: KeptFact): Record<string, string> => ({
  'ce-specversion': '1.0',
  'ce-id': fact.id,
  'ce-source': `/recyclique/${fact.site}`,
  'ce-type': fact.name,
  'ce-subject': fact.journal,
  'ce-time': fact.recordedAt,
  'content-type': 'application/json',
  'rq-position': String(fact.position),
  'rq-journal': fact.journal,
  'rq-seq': String(fact.seq),
  'rq-mode': fact.mode,
  'rq-business-date': fact.businessDate,
  'rq-actor': fact.actor,
  'rq-version': String(fact.version),
  'rq-hash': fact.hash,
})

const Count = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

/** All of a fact but its data. */
export const FactHead = Type.Object({
  position: Count,
  id: Type.String({ minLength: 1 }),
  journal: Type.String({ minLength: 1 }),
  seq: Count,
  mode: Mode,
  name: Type.String({ minLength: 1 }),
  version: Count,
  site: Type.String({ minLength: 1 }),
  recordedAt: Instant,
  businessDate: Day,
  actor: Type.String({ minLength: 1 }),
  hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
})

/** Headers and body → fact. `header` gives a header's text or `''`. Throws a `Misfit` for a message that no kernel of ours wrote. */
export const fromWire = (header: (name: string) => string, body: string): KeptFact => {
  const envelope = parse(
    FactHead,
    {
      position: Number(header('rq-position')),
      id: header('ce-id'),
      journal: header('rq-journal'),
      seq: Number(header('rq-seq')),
      mode: header('rq-mode'),
      name: header('ce-type'),
      version: Number(header('rq-version')),
      site: header('ce-source').replace(/^\/recyclique\//, ''),
      recordedAt: header('ce-time'),
      businessDate: header('rq-business-date'),
      actor: header('rq-actor'),
      hash: header('rq-hash'),
    },
    'envelope',
  )
  return { ...envelope, data: parseJson(Type.Unknown(), body, envelope.name) }
}
