import { CashSessionOpened, type Mode, type OpenSessionBody, type Register } from '@recyclique/contracts'
import { businessDateOf } from '../centre/day.ts'
import { findRecord, usable } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'

interface State {
  readonly register: Register | undefined
  readonly isOpen: boolean
}

/** Opens a drawer: one open session per register and mode. */
export const openSession: Rule<OpenSessionBody, State> = {
  load: async (read, { registerId, mode = 'live' }) => ({
    register: await findRecord(read, 'register', registerId),
    isOpen: await isOpen(read, registerId, mode),
  }),
  decide(state, { id, body }, moment) {
    const { registerId, mode = 'live', floatCents } = body
    usable(state.register, 'register', registerId, '/registerId')
    if (state.isOpen) refuse('session-already-open', { register: registerId, mode }, '/registerId')
    const businessDate = businessDateOf(body.businessDate, moment)
    if (mode !== 'deferred' && businessDate !== moment.today) refuse('date-not-today', {}, '/businessDate')
    return { facts: [draft(CashSessionOpened, { sessionId: id, registerId, floatCents }, { mode, businessDate })] }
  },
}

const isOpen = async (read: Read, registerId: string, mode: Mode) =>
  (await read.one("SELECT 1 FROM session WHERE register_id = ? AND mode = ? AND status = 'open'", registerId, mode)) !==
  undefined
