import type { Category, HoldTicketBody } from '@recyclique/contracts'
import { findSession, openSessionOf, type Session } from '../cash/session.ts'
import { recordsById, usable } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import type { Rule } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'
import { type Change, put, update } from '../store/table.ts'

export interface HoldTicket extends HoldTicketBody {
  readonly ticketId: string
}

interface State {
  readonly session: Session | undefined
  readonly categories: ReadonlyMap<string, Category>
  readonly held: Held | undefined
}

/** A ticket that was put aside, whatever became of it. */
interface Held {
  readonly sessionId: string
  readonly isGone: boolean
}

/**
 * Puts a ticket aside, or replaces it. It is no sale and no fact; it goes through the ledger's transaction only so that a
 * close that arrives in the same turn sees it.
 */
export const holdTicket: Rule<HoldTicket, State> = {
  load: async (read, body) => ({
    session: await findSession(read, body.sessionId),
    categories: await recordsById(
      read,
      'category',
      body.lines.map(({ categoryId }) => categoryId),
    ),
    held: await findHeld(read, body.ticketId),
  }),
  decide({ session, categories, held }, { actor, body }, { recordedAt }) {
    const { id, registerId } = openSessionOf(session, body.sessionId)
    if (held?.isGone || (held && held.sessionId !== id)) refuse('held-ticket-gone')
    for (const [index, { categoryId }] of body.lines.entries())
      usable(categories.get(categoryId), 'category', categoryId, `/lines/${index}/categoryId`)
    const row = {
      id: body.ticketId,
      session_id: id,
      register_id: registerId,
      label: body.label ?? null,
      lines: JSON.stringify(body.lines),
      held_at: recordedAt,
      actor,
      is_gone: 0,
    }
    return { facts: [], apart: [put('held_ticket', row)] }
  },
}

/** Drops a held ticket. One that is gone already is refused, so that nobody believes to have dropped what another till sold. */
export const dropTicket: Rule<{ readonly ticketId: string }, boolean> = {
  load: async (read, { ticketId }) => (await findHeld(read, ticketId))?.isGone === false,
  decide(isHeld, { body: { ticketId } }) {
    if (!isHeld) refuse('not-found', { what: `held ticket ${ticketId}` })
    return { facts: [], apart: [noLongerHeld(ticketId)] }
  },
}

/** A ticket waits no more; what stood on it is forgotten. */
export const noLongerHeld = (id: string): Change =>
  update('held_ticket', { id }, { is_gone: 1, lines: '[]', label: null })

export const findHeld = async (read: Read, id: string): Promise<Held | undefined> => {
  const row = await read.one<{ session_id: string; is_gone: number }>(
    'SELECT session_id, is_gone FROM held_ticket WHERE id = ?',
    id,
  )
  return row && { sessionId: row.session_id, isGone: row.is_gone === 1 }
}
