import type { CashSessionClosed, SessionBooking } from '@recyclique/contracts'

let made = 0

const METHODS: SessionBooking['methods'] = [
  { methodId: 'card', name: 'Carte bancaire', kind: 'card', debitAccount: '5115', refundAccount: '5115' },
  { methodId: 'cash', name: 'Espèces', kind: 'cash', debitAccount: '530', refundAccount: '530' },
]

/** A close as a kernel tells it: one sale of 20 €, 15 in cash and 5 by card, and 2 € of donation in cash, unless said. */
export const closingOf = (
  more: Partial<Omit<CashSessionClosed, 'booking'>> & { booking?: Partial<SessionBooking> } = {},
): CashSessionClosed => {
  made += 1
  const booking: SessionBooking = {
    methods: METHODS,
    payments: [
      { methodId: 'card', nature: 'sale', cents: 500 },
      { methodId: 'cash', nature: 'donation', cents: 200 },
      { methodId: 'cash', nature: 'sale', cents: 1_500 },
    ],
    lines: [{ categoryIds: ['maison', 'livres'], categoryName: 'Livres', cents: 2_000 }],
    moves: [],
    ...more.booking,
  }
  return {
    sessionId: `01900000-0000-7000-8000-${String(made).padStart(12, '0')}`,
    registerId: 'caisse-1',
    floatCents: 5_000,
    perMethod: [
      { methodId: 'card', expectedCents: 500, countedCents: 500, varianceCents: 0 },
      { methodId: 'cash', expectedCents: 6_700, countedCents: 6_700, varianceCents: 0 },
    ],
    ...{ varianceCents: 0, bankCents: 0, nextFloatCents: 6_700, saleCount: 1, refundCount: 0, voidCount: 0 },
    ...{ salesCents: 2_000, donationsCents: 200, refundsCents: 0, movesCents: 0, hasReason: false },
    ...more,
    booking,
  }
}
