import { Health, parseJson, type Subjects } from '@recyclique/contracts'
import { type Bus, Unanswered } from '../bus/port.ts'
import type { Instance, Party } from './party.ts'

interface Parts {
  readonly bus: Pick<Bus, 'ask'>
  readonly subjects: Subjects
  readonly now: () => Date
}

/**
 * How one process is, in its own words; no answer in time is no health either. Undefined for one that does not hear the question:
 * it does not say how it is. Never rejects.
 */
export const askHealth = async (
  { bus, subjects, now }: Parts,
  { manifest: { name } }: Party,
  instance: Instance,
  withinMs: number,
): Promise<Instance['health']> => {
  const subject = subjects.toModule(name, instance.id, 'control', 'health')
  const at = () => now().toISOString()
  try {
    const text = await bus.ask(subject, '', { withinMs, among: instance.pending })
    return { ...parseJson(Health, text, 'its answer'), at: at() }
  } catch (error) {
    if (error instanceof Unanswered && error.how === 'nobody') return undefined
    return { ok: false, words: whyNot(error as Error, withinMs), at: at() }
  }
}

const whyNot = (error: Error, withinMs: number) =>
  error instanceof Unanswered ? `no answer within ${withinMs / 1_000} s` : error.message
