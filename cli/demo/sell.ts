import type { CloseSessionBody } from '@recyclique/contracts'
import type { Api } from '../api.ts'
import type { Ticket } from './make-sales.ts'

export type Till = { sessionId: string; businessDate: string }

const FLOAT_CENTS = 5000

/** The till of today, open. Opened once: a repeated load gets the same session, with the day on which it was opened. */
export const openTill = (api: Api, registerId: string): Promise<Till> =>
  api.post<Till>('/v1/cash-sessions', {
    key: `demo.live.${registerId}`,
    body: { registerId, floatCents: FLOAT_CENTS },
  })

/** The tickets, one after the other, so that they bear the same numbers each time. */
export const sellTo = async (api: Api, { sessionId, businessDate }: Till, sales: readonly Ticket[]): Promise<void> => {
  for (const [at, sale] of sales.entries())
    await api.post('/v1/sales', {
      key: `demo.${businessDate}.${sessionId.slice(-12)}.${at}`,
      body: { sessionId, ...sale },
    })
}

type PaperDay = { day: string; registerId: string; sales: readonly Ticket[] }

/** A day from the notebook: opened late for its own date, entered, counted and closed; what is above the float goes to the bank. */
export const sellPaperDay = async (api: Api, { day, registerId, sales }: PaperDay): Promise<void> => {
  const till = await api.post<Till>('/v1/cash-sessions', {
    key: `demo.${day}.open`,
    body: { registerId, mode: 'deferred', businessDate: day, floatCents: FLOAT_CENTS },
  })
  await sellTo(api, till, sales)
  await api.post(`/v1/cash-sessions/${till.sessionId}/close`, { key: `demo.${day}.close`, body: countOf(day, sales) })
}

/** On a Wednesday somebody gave two euros too much back. */
const countOf = (day: string, sales: readonly Ticket[]): CloseSessionBody => {
  const isShort = new Date(`${day}T12:00:00Z`).getUTCDay() === 3
  const counted = [...takingsBy(sales)].map(([methodId, cents]) => ({
    methodId,
    cents: methodId === 'cash' && isShort ? cents - 200 : cents,
  }))
  const cash = counted.find(({ methodId }) => methodId === 'cash')?.cents ?? FLOAT_CENTS
  return {
    counted,
    bankCents: Math.max(0, cash - FLOAT_CENTS),
    ...(isShort ? { reason: 'Erreur de rendu de monnaie' } : {}),
  }
}

/** What each method must have in the evening; the drawer has the float as well. */
const takingsBy = (sales: readonly Ticket[]): Map<string, number> => {
  const takings = new Map([['cash', FLOAT_CENTS]])
  const add = (methodId: string, cents: number) => takings.set(methodId, (takings.get(methodId) ?? 0) + cents)
  for (const { payments, changeCents = 0 } of sales) {
    for (const { methodId, cents } of payments) add(methodId, cents)
    add('cash', -changeCents)
  }
  return takings
}
