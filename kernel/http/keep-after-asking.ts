import { Refusal } from '../errors.ts'
import { questionText } from '../ledger/asked.ts'
import type { Kept } from '../ledger/ledger.ts'
import type { Asks, Command, Decision, Moment, Rule } from '../ledger/rule.ts'
import { agreement } from './agreement.ts'
import { isAsked } from './ask-modules.ts'
import type { Caution } from './verdicts.ts'
import type { World } from './world.ts'

/** What the ledger kept, with the words of care that modules gave beside their yes. A retry is answered without them. */
export interface KeptAfterAsking extends Kept {
  readonly cautions: readonly Caution[]
}

export type AskingWorld = Pick<World, 'ledger' | 'read' | 'hooks' | 'clock' | 'dayOf' | 'metrics'>

/**
 * The life of a command between the gate and the ledger. Its key was seen before: it is answered as before, and nobody is asked.
 * Nobody is on its hook: the ledger decides, as if there were no modules. Else it is decided tentatively, modules are asked about
 * what would be kept, and the ledger decides again. Where that comes to something else than they saw, they are asked once more.
 *
 * Rejects with a `Refusal`, and then nothing is kept: a rule's, a module's (`module-refused`), for want of a module that must be
 * there (`module-required`), or because the state moved twice (`changed-meanwhile`).
 */
export const keepAfterAsking = async <B, S>(
  world: AskingWorld,
  command: Command<B>,
  rule: Rule<B, S>,
): Promise<KeptAfterAsking> => {
  const { asks } = rule
  if (!asks || !isAsked(world.hooks, asks.hook)) return withoutWords(await world.ledger.append(command, rule))
  const seen = await world.ledger.answerTo(command)
  if (seen) return withoutWords(seen)
  const until = world.clock.now() + asks.budgetMs
  const once = () => askAndKeep(world, command, rule, { ...asks, until })
  try {
    return await once()
  } catch (error) {
    if (!hasChanged(error) || world.clock.now() >= until) throw error
    return once()
  }
}

const askAndKeep = async <B, S>(
  world: AskingWorld,
  command: Command<B>,
  rule: Rule<B, S>,
  { hook, until }: Asks & { readonly until: number },
): Promise<KeptAfterAsking> => {
  const decision = await decideTentatively(world, command, rule)
  const { skipped, cautions } = await agreement(world, { hook, question: decision.question, until })
  const asked = { question: questionText(decision), skipped }
  const kept = await world.ledger.append({ ...command, asked }, rule)
  return kept.replayed ? withoutWords(kept) : { ...kept, cautions }
}

/**
 * What would be kept if nothing changed. A refusal here asks about nothing and is not the answer yet: the ledger has the last word,
 * since the same key may be on its way twice, and the other one may just have been kept.
 */
const decideTentatively = async <B, S>(
  world: AskingWorld,
  command: Command<B>,
  rule: Rule<B, S>,
): Promise<Decision> => {
  try {
    return rule.decide(await rule.load(world.read, command.body, command), command, momentOf(world))
  } catch (error) {
    if (error instanceof Refusal) return { facts: [] }
    throw error
  }
}

const momentOf = ({ clock, dayOf }: AskingWorld): Moment => {
  const now = new Date(clock.now())
  return { recordedAt: now.toISOString(), today: dayOf(now) }
}

const hasChanged = (error: unknown) => error instanceof Refusal && error.code === 'changed-meanwhile'

const withoutWords = (kept: Kept): KeptAfterAsking => ({ ...kept, cautions: [] })
