import type { Category, HoldTicketBody } from '@recyclique/contracts'
import { findSession, openSessionOf, type Session } from '../cash/session.ts'
import { recordsById, usable } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import type { Rule } from '../ledger/rule.ts'
import { put, remove } from '../store/table.ts'

export interface HoldTicket extends HoldTicketBody {
  readonly ticketId: string
}

interface State {
  readonly session: Session | undefined
  readonly categories: ReadonlyMap<string, Category>
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
  }),
  decide({ session, categories }, { actor, body }, { recordedAt }) {
    const { id, registerId } = openSessionOf(session, body.sessionId)
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
    }
    return { facts: [], apart: [put('held_ticket', row)] }
  },
}

/** Drops a held ticket. One that is gone already is refused, so that nobody believes to have dropped what another till sold. */
export const dropTicket: Rule<{ readonly ticketId: string }, boolean> = {
  load: async (read, { ticketId }) =>
    (await read.one('SELECT 1 FROM held_ticket WHERE id = ?', ticketId)) !== undefined,
  decide(isHeld, { body: { ticketId } }) {
    if (!isHeld) refuse('not-found', { what: `held ticket ${ticketId}` })
    return { facts: [], apart: [remove('held_ticket', { id: ticketId })] }
  },
}
