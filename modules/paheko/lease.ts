import { type Kv, NotGranted } from '@recyclique/sdk'

/** Which of the processes of this module writes to Paheko. */
export interface Lease {
  /** True where this process is the writer now. False: another one is, or may be. */
  take(): Promise<boolean>
  /** Says again that it is the writer. Gives until when it surely is, by `performance.now`; rejects with `LeaseLost` where another one took over. */
  renew(): Promise<number>
  /** Lets another one write at once. */
  release(): Promise<void>
}

export class LeaseLost extends Error {
  constructor() {
    super('another process may write to Paheko now')
    this.name = 'LeaseLost'
  }
}

interface Parts {
  readonly kv: Kv
  /** Unlike any other process, one with the same name before this one included. */
  readonly holder: string
  readonly leaseMs: number
  readonly clock: () => number
}

type Kept = { readonly holder: string | null }

const KEY = 'writer'

/**
 * One writer over all processes and machines, without any clock in common: who wants to take over must have seen the same revision stand for as
 * long as a lease lasts, by a clock of its own. A holder that runs has stopped writing by then.
 */
export const openLease = ({ kv, holder, leaseMs, clock }: Parts): Lease => {
  let seen: { readonly revision: number; readonly at: number } | undefined
  let mine = 0

  const put = async (value: Kept, revision: number): Promise<boolean> => {
    try {
      mine = await kv.put(KEY, value, { revision })
      return true
    } catch (error) {
      if (error instanceof NotGranted && ['conflict', 'unanswered'].includes(error.code)) return false
      throw error
    }
  }

  return {
    async take() {
      const found = await kv.get<Kept>(KEY)
      const revision = found?.revision ?? 0
      const isFree = !found || found.value.holder === null || found.value.holder === holder
      if (isFree) return put({ holder }, revision)
      if (seen?.revision !== revision) seen = { revision, at: clock() }
      return clock() - seen.at >= leaseMs ? put({ holder }, revision) : false
    },
    async renew() {
      const before = clock()
      if (!(await put({ holder }, mine))) throw new LeaseLost()
      return before + leaseMs
    },
    async release() {
      await put({ holder: null }, mine)
    },
  }
}
