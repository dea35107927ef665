import { KernelStarted, KernelStopped } from '@recyclique/contracts'
import { draft, type Rule } from './rule.ts'

const EVENTS = { 'kernel.started': KernelStarted, 'kernel.stopped': KernelStopped }

/** A line for the event log. Nothing is decided: it has happened. */
export interface Happened {
  readonly name: keyof typeof EVENTS
  readonly data: { readonly program: string; readonly node?: string }
}

export const happened: Rule<Happened, undefined> = {
  load: async () => undefined,
  decide: (_, { body }, { today }) => ({
    facts: [draft(EVENTS[body.name], body.data as never, { businessDate: today })],
  }),
}
