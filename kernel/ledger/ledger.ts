import { ClockSetBack, type KeptFact } from '@recyclique/contracts'
import { Refusal } from '../errors.ts'
import { type Read, type Store, StoreLost, type WriteTransaction } from '../store/port.ts'
import { insert } from '../store/table.ts'
import type { Projection } from './apply.ts'
import { refuseUnseen } from './asked.ts'
import { checkHead } from './check-head.ts'
import type { HeadFile } from './head-file.ts'
import { factOf, type LedgerRow } from './row.ts'
import { type Command, type Decision, draft, type Moment, type Rule } from './rule.ts'
import type { Sealer } from './seal.ts'
import { momentAfter, readTip, rowAfter, type Surroundings, type Tip } from './tip.ts'

/** What became of a command: the facts that it yielded, in order, and whether they were there already. */
export interface Kept {
  readonly facts: readonly KeptFact[]
  readonly replayed: boolean
}

/**
 * The record and the outbox.
 *
 * `append` promises: when it resolves, the facts are on disk, in the chain and under a seal. Commands that arrive in one turn
 * of the event loop share one transaction; a refusal touches nobody else. The same key again gives the same facts and decides
 * nothing. It rejects with a `Refusal`, and then nothing of the command is kept.
 */
export interface Ledger {
  append<B, S>(command: Command<B>, rule: Rule<B, S>): Promise<Kept>
  /** The facts of an earlier command with this key; `undefined` when there is none. Refuses another digest. */
  answerTo(command: Pick<Command, 'key' | 'digest'>): Promise<Kept | undefined>
  /** At most `limit` rows from a position on, in order. */
  rows(from: number, limit: number): Promise<LedgerRow[]>
  /** The last position and its hash; position 0 while the ledger is empty. */
  readonly head: { readonly position: number; readonly hash: string }
  /** Called after each commit, outside the transaction. Gives the way to stop it. */
  onCommit(hear: (head: { position: number }) => void): () => void
  /** Waits for what is under way, then takes nothing more. */
  close(): Promise<void>
}

export interface LedgerParts extends Surroundings {
  readonly store: Store
  readonly sealer: Sealer
  readonly headFile: HeadFile
  readonly projection: Projection
  /** The store failed for good; the process should end. */
  readonly onLost: (error: StoreLost) => void
}

interface Waiting {
  readonly command: Command
  readonly rule: Rule<unknown, unknown>
  readonly resolve: (kept: Kept) => void
  readonly reject: (error: Error) => void
}

/** Clocks that are kept in step by the network go back a little now and then: that is no event. */
const CLOCK_PLAY_MS = 2000

/** More than this waiting for the disk means that it does not keep up: better to say so than to let every till wait. */
const MOST_WAITING = 4096

/** A group larger than this would make its first command wait too long. */
const MOST_IN_A_GROUP = 256

/** The next turn of the event loop: requests that came meanwhile are read before it. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export const openLedger = async (parts: LedgerParts): Promise<Ledger> => {
  const { store, headFile } = parts
  let tip = await readTip(store.read)
  await checkHead(headFile, tip, store.read)

  const queue: Waiting[] = []
  const listeners = new Set<(head: { position: number }) => void>()
  let flushing: Promise<void> | undefined
  let isClosed = false
  let isClockBack = false

  const flushSoon = () => {
    flushing ??= turn().then(flushAll)
  }

  const flushAll = async () => {
    while (queue.length > 0) {
      await flush(queue.splice(0, MOST_IN_A_GROUP))
      // A caller that sells again as soon as it is answered would otherwise keep the process from everything else.
      await turn()
    }
    // In the same step as the look at the queue: a command that comes a moment later must find nobody at work and wake the next.
    flushing = undefined
  }

  const flush = async (group: Waiting[]) => {
    const before = tip.position
    const next: Tip = { ...tip, seqs: new Map(tip.seqs) }
    const settle: (() => void)[] = []
    try {
      await store.write(async (tx) => {
        await noteSetBack(tx, next)
        for (const one of group) settle.push(await attempt(tx, next, one))
        if (next.position > before) await sealIn(tx, next)
      })
    } catch (cause) {
      isClockBack = false
      // Nothing of the group is kept. The heads in memory are dropped with `next`: the truth is on the disk.
      for (const { reject } of group) reject(new Refusal('ledger-unavailable'))
      if (cause instanceof StoreLost) parts.onLost(cause)
      else
        await readTip(store.read).then(
          (read) => {
            tip = read
          },
          (error) => parts.onLost(new StoreLost(error)),
        )
      return
    }
    tip = next
    const lost = next.position > before ? remember(next) : undefined
    for (const tell of settle) tell()
    if (next.position > before) for (const hear of listeners) hear({ position: next.position })
    if (lost) parts.onLost(lost)
  }

  /** The commit stands whatever becomes of the head file: its callers get their answer first, then the process ends. */
  const remember = ({ position, hash }: Tip): StoreLost | undefined => {
    try {
      headFile.append({ position, hash })
      return undefined
    } catch (cause) {
      return new StoreLost(cause)
    }
  }

  /** One command in a savepoint of its own. Gives what to tell its caller once the commit stands. */
  const attempt = async (tx: WriteTransaction, next: Tip, one: Waiting): Promise<() => void> => {
    const undo = { ...next, seqs: new Map(next.seqs) }
    try {
      const kept = await tx.savepoint(() => keep(tx, next, one.command, one.rule))
      return () => one.resolve(kept)
    } catch (error) {
      if (error instanceof StoreLost) throw error
      Object.assign(next, undo)
      return () => one.reject(error as Error)
    }
  }

  const keep = async (
    tx: WriteTransaction,
    next: Tip,
    command: Command,
    rule: Rule<unknown, unknown>,
  ): Promise<Kept> => {
    const seen = await answerTo(tx, parts.projection, command)
    if (seen) return seen
    const moment = momentAfter(next.recordedAt, parts)
    const decision = rule.decide(await rule.load(tx, command.body, command), command, moment)
    refuseUnseen(command, decision)
    return { facts: await keepAll(tx, next, command, moment, decision), replayed: false }
  }

  /** A clock that stands before the last fact is itself a fact, once per set-back. */
  const noteSetBack = async (tx: WriteTransaction, next: Tip) => {
    const clock = parts.now().toISOString()
    const isBack = clock < next.recordedAt && Date.parse(next.recordedAt) - Date.parse(clock) > CLOCK_PLAY_MS
    if (isBack && !isClockBack) {
      const moment = momentAfter(next.recordedAt, parts)
      const id = parts.newId()
      const command = { key: `clock-set-back.${id}`, digest: '', actor: 'kernel', id, body: undefined }
      const data = { clock, lastRecordedAt: next.recordedAt }
      await keepAll(tx, next, command, moment, { facts: [draft(ClockSetBack, data, { businessDate: moment.today })] })
    }
    isClockBack = isBack
  }

  const keepAll = async (tx: WriteTransaction, next: Tip, command: Command, moment: Moment, decision: Decision) => {
    const first = next.position + 1
    const facts: KeptFact[] = []
    for (const one of decision.facts) {
      const row = rowAfter(next, one, command, moment, parts)
      await tx.change(insert('ledger', row))
      const fact = factOf(row, parts.projection.specs)
      for (const change of parts.projection.apply(fact)) await tx.change(change)
      facts.push(fact)
    }
    if (facts.length > 0)
      await tx.change(insert('command', { key: command.key, hash: command.digest, first, last: next.position }))
    for (const change of decision.apart ?? []) await tx.change(change)
    return facts
  }

  const sealIn = async (tx: WriteTransaction, next: Tip) => {
    const { position, hash } = next
    const signature = parts.sealer.seal({ site: parts.site, previous: next.sealed, position, hash })
    await tx.change(insert('seal', { position, hash, key_id: parts.sealer.keyId, signature }))
    next.sealed = position
  }

  return {
    append(command, rule) {
      if (isClosed) return Promise.reject(new Refusal('ledger-unavailable'))
      if (queue.length >= MOST_WAITING) return Promise.reject(new Refusal('too-busy'))
      return new Promise((resolve, reject) => {
        queue.push({ command, rule: rule as Rule<unknown, unknown>, resolve, reject })
        flushSoon()
      })
    },
    answerTo: (command) => answerTo(store.read, parts.projection, command),
    rows: (from, limit) => rowsFrom(store.read, from, limit),
    get head() {
      return { position: tip.position, hash: tip.hash }
    },
    onCommit(hear) {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await flushing
      headFile.close()
    },
  }
}

export const rowsFrom = (read: Read, from: number, limit: number): Promise<LedgerRow[]> =>
  read.all<LedgerRow>('SELECT * FROM ledger WHERE position >= ? ORDER BY position LIMIT ?', from, limit)

/** The facts of an earlier command with this key, from any connection; `undefined` when there is none. Refuses another digest. */
export const answerTo = async (
  read: Read,
  projection: Projection,
  { key, digest }: Pick<Command, 'key' | 'digest'>,
): Promise<Kept | undefined> => {
  const seen = await read.one<{ hash: string; first: number; last: number }>(
    'SELECT hash, first, last FROM command WHERE key = ?',
    key,
  )
  if (!seen) return undefined
  if (seen.hash !== digest) throw new Refusal('key-reused')
  const rows = await rowsFrom(read, seen.first, seen.last - seen.first + 1)
  return { facts: rows.map((row) => factOf(row, projection.specs)), replayed: true }
}
