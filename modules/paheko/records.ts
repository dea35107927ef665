import { type Kv, NotGranted } from '@recyclique/sdk'
import { type DoneRecord, doneFrom, type OpenRecord } from './record.ts'
import { together } from './together.ts'

/** Another process has changed it meanwhile: whatever was to be written rests on what is no longer so. */
export class Overtaken extends Error {
  constructor(what: string) {
    super(`${what} was changed by another process meanwhile`)
    this.name = 'Overtaken'
  }
}

/** A record at the revision at which it was read; a change counts only where it still stands there. */
export interface Held {
  readonly record: OpenRecord
  readonly revision: number
}

/**
 * What is known of each session, in the kernel's store: all processes of this module see the same. An open session has a key of its own, so
 * that two processes never write over each other; those that are done share one key a day.
 */
export interface Records {
  /** False where it is there, or was done already. Throws `Overtaken` where it came and went this very moment. */
  begin(record: OpenRecord): Promise<boolean>
  read(sessionId: string): Promise<Held | undefined>
  /** All that are open, the earliest close first. */
  open(): Promise<Held[]>
  /** Throws `Overtaken` where it does not stand at its revision any more. */
  change(held: Held, changes: Partial<OpenRecord>): Promise<Held>
  /** It is in Paheko: out of the open ones, into its day. May be repeated. */
  finish(held: Held, now: string): Promise<void>
  /** Back among the open ones. False where it is there already. */
  reopen(record: OpenRecord): Promise<boolean>
  doneOn(day: string): Promise<readonly DoneRecord[]>
  /** The days that have any, the last first. */
  doneDays(): Promise<string[]>
}

type DoneDay = Readonly<Record<string, DoneRecord>>

export const openRecords = (kv: Kv): Records => {
  const doneDay = async (day: string) => {
    const found = await kv.get<DoneDay>(doneKey(day))
    return { sessions: found?.value ?? {}, revision: found?.revision ?? 0 }
  }

  /** Over and over until nobody came in between. */
  const changeDay = async (day: string, change: (sessions: DoneDay) => DoneDay | undefined): Promise<void> => {
    for (;;) {
      const { sessions, revision } = await doneDay(day)
      const next = change(sessions)
      if (!next) return
      if (await isPut(kv, doneKey(day), next, revision)) return
    }
  }

  const read = async (sessionId: string): Promise<Held | undefined> => {
    const found = await kv.get<OpenRecord>(openKey(sessionId))
    return found && { record: found.value, revision: found.revision }
  }

  return {
    read,
    async begin(record) {
      const { sessions } = await doneDay(record.businessDate)
      if (Object.hasOwn(sessions, record.sessionId)) return false
      const key = openKey(record.sessionId)
      if (await isPut(kv, key, record, 0)) return true
      // Somebody came first. Where it is gone again already, whoever wants it begun comes once more.
      if (!(await read(record.sessionId))) throw new Overtaken(key)
      return false
    },
    open: together(async () => {
      const all: Held[] = []
      for await (const key of kv.keys('open/')) {
        const held = await read(key.slice('open/'.length))
        if (held) all.push(held)
      }
      return all.sort((a, b) => a.record.position - b.record.position)
    }),
    async change({ record, revision }, changes) {
      const next = { ...record, ...changes }
      const key = openKey(record.sessionId)
      try {
        return { record: next, revision: await kv.put(key, next, { revision }) }
      } catch (error) {
        if (!(error instanceof NotGranted) || !['conflict', 'unanswered'].includes(error.code)) throw error
        throw new Overtaken(key)
      }
    },
    async finish({ record, revision }, now) {
      const { sessionId, businessDate } = record
      await changeDay(businessDate, (sessions) =>
        sessions[sessionId]?.turn === record.turn ? undefined : { ...sessions, [sessionId]: doneFrom(record, now) },
      )
      await kv.remove(openKey(sessionId), { revision }).catch(unlessConflict)
    },
    async reopen(record) {
      const isNew = await isPut(kv, openKey(record.sessionId), record, 0)
      await changeDay(record.businessDate, ({ [record.sessionId]: was, ...others }) => (was ? others : undefined))
      return isNew
    },
    async doneOn(day) {
      return Object.values((await doneDay(day)).sessions).sort((a, b) => a.position - b.position)
    },
    async doneDays() {
      const days: string[] = []
      for await (const key of kv.keys('done/')) days.push(key.slice('done/'.length))
      return days.reverse()
    },
  }
}

const openKey = (sessionId: string): string => `open/${sessionId}`
const doneKey = (day: string): string => `done/${day}`

const isPut = async (kv: Kv, key: string, value: unknown, revision: number): Promise<boolean> =>
  kv.put(key, value, { revision }).then(() => true, unlessConflict)

const unlessConflict = (error: unknown): false => {
  if (error instanceof NotGranted && error.code === 'conflict') return false
  throw error
}
