import { type Desk, type Ended, refusal } from './answer.ts'
import { carryOut } from './carry-out.ts'
import type { CallNoted } from './diary.ts'
import type { KeptIntent } from './intents.ts'
import { type KernelApi, Trouble } from './kernel-api.ts'
import type { Author } from './tokens.ts'
import type { Input, OfferedTool } from './tool.ts'

/** The tool with which an assistant confirms where its client cannot ask a person. */
export const CONFIRM = 'confirm'

interface Asking {
  readonly tool: OfferedTool
  readonly input: Input
  readonly session: string
  readonly canAsk: boolean
  readonly call: CallNoted
  readonly expiresAt: number
}

/** A person is to agree first. A call that was confirmed, begun and never answered is finished instead: it is the same one. */
export const asked = async (desk: Desk, { tool, input, session, canAsk, call, expiresAt }: Asking): Promise<Ended> => {
  const { intents, author, kernel, now } = desk
  const { digest } = call
  const before = await intents.sameAsBefore({ author: author.name, digest })
  if (before && before.intent.answer === undefined && tool.isRepeatable) return carryOut(desk, { tool, kept: before })
  const warning = before ? `\n${warningOf(before, now())}` : ''
  const question = `${await tool.question(input, kernel)}${warning}`
  const way = canAsk ? 'asked' : 'two-step'
  const id = await intents.make({
    tool: tool.name,
    input,
    digest,
    author: author.name,
    session,
    way,
    question,
    expiresAt,
  })
  const as = { ...call, call: id }
  if (canAsk) return { called: { ask: { id, question } }, outcome: 'asked', as }
  const seconds = Math.round((expiresAt - now()) / 1_000)
  const text = `Nothing is done yet. Show this to the person you work for, and wait for a yes:\n\n${question}\n\nThen call the tool "${CONFIRM}" with {"confirmation":"${id}"} within ${seconds} seconds. It works once.`
  return { called: { text, isError: false }, outcome: 'asked', as }
}

const warningOf = ({ intent: { begunAt = 0, answer } }: KeptIntent, now: number): string => {
  const minutes = Math.max(1, Math.round((now - begunAt) / 60_000))
  return answer
    ? `Attention : la même demande a déjà été faite il y a ${minutes} min.`
    : `Attention : la même demande a été commencée il y a ${minutes} min, et personne ne sait si elle a été faite.`
}

interface Said {
  readonly said: { readonly id: string; readonly isYes: boolean }
  readonly session: string
  readonly call: CallNoted
  readonly tool: OfferedTool
}

export const answered = async (desk: Desk, { said: { id, isYes }, session, call, tool }: Said): Promise<Ended> => {
  const toolFor = async () => tool
  if (isYes) return confirmed(desk, { id, session, way: 'asked', call, toolFor })
  await desk.intents.drop(id)
  return {
    ...{
      called: refusal('The person did not agree. Nothing was done.'),
      outcome: 'declined',
      as: { ...call, call: id },
    },
  }
}

interface Confirmed {
  readonly id: string
  readonly session: string
  readonly way: 'asked' | 'two-step'
  readonly call: CallNoted
  readonly toolFor: (author: Author, name: string, kernel: KernelApi) => Promise<OfferedTool | undefined>
}

/** A yes counts for the very call that it was asked for: its arguments, its author, its session, in time, once. */
export const confirmed = async (desk: Desk, { id, session, way, call, toolFor }: Confirmed): Promise<Ended> => {
  const { intents, author, kernel, now } = desk
  const kept = await intents.get(id)
  const isTheirs = kept?.intent.author === author.name && kept.intent.way === way
  // Begun is confirmed: whoever asks again, perhaps in a new session after a crash, is answered.
  const isOpen =
    kept && (kept.intent.begunAt !== undefined || (kept.intent.session === session && kept.intent.expiresAt > now()))
  if (!kept || !isTheirs || !isOpen)
    throw new Trouble(
      'refused',
      'There is no such confirmation: it was never asked for here, or it is too old. Make the call again.',
    )
  if (way === 'asked' && kept.intent.digest !== call.digest)
    throw new Trouble('refused', 'The arguments are not those that were confirmed. Make the call again.')
  const tool = await toolFor(author, kept.intent.tool, kernel)
  if (!tool) throw new Trouble('refused', `The tool ${kept.intent.tool} is not there any more. Nothing was done.`)
  return carryOut(desk, { tool, kept })
}
