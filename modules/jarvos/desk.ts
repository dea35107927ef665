import { randomUUID } from 'node:crypto'
import type { CallApi, Kv, Tell } from '@recyclique/sdk'
import { answerWith, bounded, type Called, type Desk, type Ended, refusal } from './answer.ts'
import { toolsNow } from './catalogue.ts'
import { answered, asked, CONFIRM, confirmed } from './confirm.ts'
import { type CallNoted, openDiary } from './diary.ts'
import { mayUse } from './grants.ts'
import { openIntents } from './intents.ts'
import { type KernelApi, kernelFor, Trouble } from './kernel-api.ts'
import { openPace } from './pace.ts'
import { type Report, readReport } from './reports.ts'
import type { Settings } from './settings.ts'
import type { Author } from './tokens.ts'
import { checkInput, type Input, type OfferedTool } from './tool.ts'

export interface ToolCall {
  readonly author: Author
  readonly session: string
  readonly name: string
  readonly input: Input
  /** The client can show a question to a person. */
  readonly canAsk: boolean
  /** What that person said, to the question of this id. */
  readonly said?: { readonly id: string; readonly isYes: boolean } | undefined
}

/** There is no such tool, or none for this token: which of the two nobody is told. */
export class UnknownTool extends Error {}

interface Parts {
  readonly api: CallApi
  readonly kv: Kv
  readonly tell: Tell
  readonly now: () => number
  readonly settings: () => Settings
}

/** Everything that an assistant can have done here, whichever way it came in. */
export const openDesk = ({ api, kv, tell, now, settings }: Parts) => {
  const diary = openDiary(kv, tell)
  const intents = openIntents(kv, now)
  const pace = openPace(now)

  /** Lets it happen within the token's pace, and writes down how it ended. */
  const noted = async (
    about: Pick<CallNoted, 'token' | 'tool'>,
    input: unknown,
    work: (call: CallNoted) => Promise<Ended>,
  ): Promise<Called> => {
    if (!pace.allows(about.token, settings().callsPerMinute))
      return refusal(`This token may make ${settings().callsPerMinute} calls a minute: wait a little.`)
    const began = performance.now()
    const digest = await diary.digest([about.tool, input])
    const call: CallNoted = { call: randomUUID().slice(0, 18), digest, ...about }
    const failed = async (error: unknown): Promise<never> => {
      await diary.ended(call, 'failed', performance.now() - began)
      throw error
    }
    const { called, outcome, as = call } = await work(call).catch(failed)
    await diary.ended(as, outcome, performance.now() - began)
    return called
  }

  const toolFor = async (author: Author, name: string, kernel: KernelApi): Promise<OfferedTool | undefined> =>
    (await toolsNow(kernel)).find((one) => one.name === name && mayUse(author.grants, one))

  return {
    diary,
    intents,
    tools: async (author: Author): Promise<OfferedTool[]> =>
      (await toolsNow(kernelFor(api, author.name))).filter((one) => mayUse(author.grants, one)),

    async call({ author, session, name, input, canAsk, said }: ToolCall): Promise<Called> {
      const kernel = kernelFor(api, author.name)
      const desk: Desk = { diary, intents, kernel, author, now }
      if (name === CONFIRM && !canAsk && said === undefined)
        return noted({ token: author.name, tool: CONFIRM }, input, (call) =>
          settled(async () =>
            confirmed(desk, { id: String(input.confirmation ?? ''), session, way: 'two-step', call, toolFor }),
          ),
        )
      const tool = await toolFor(author, name, kernel)
      if (!tool) {
        await noted({ token: author.name, tool: 'unknown' }, input, async () => ({
          ...{ called: refusal('unknown'), outcome: 'refused' },
        }))
        throw new UnknownTool(name)
      }
      return noted({ token: author.name, tool: name }, input, (call) =>
        settled(async () => {
          const given = checkInput(tool, input)
          if (tool.isReadOnly) {
            const value = await tool.run(given, { kernel, key: call.call })
            return { called: answerWith(tool, value), outcome: 'done' }
          }
          if (said) return answered(desk, { said, session, call, tool })
          return asked(desk, {
            tool,
            input: given,
            session,
            canAsk,
            call,
            expiresAt: now() + settings().confirmSeconds * 1_000,
          })
        }),
      )
    },

    /** A report as a resource. The right to it is the right to the tool `report`. */
    async read(author: Author, uri: string): Promise<Report> {
      if (!mayUse(author.grants, { name: 'report', isReadOnly: true })) throw new UnknownTool(uri)
      let mimeType = ''
      const called = await noted({ token: author.name, tool: 'report' }, uri, () =>
        settled(async () => {
          const found = await readReport(kernelFor(api, author.name), uri)
          mimeType = found.mimeType
          return { called: bounded(found.text, 'ask for a shorter period'), outcome: 'done' }
        }),
      )
      if (!('text' in called) || called.isError)
        throw new Trouble('refused', 'text' in called ? called.text : 'A report is never confirmed.')
      return { text: called.text, mimeType }
    },
  }
}

export type ReadyDesk = ReturnType<typeof openDesk>

/** A no is an answer; what nobody foresaw is told without its insides. */
const settled = async (work: () => Promise<Ended>): Promise<Ended> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { called: refusal(error.message), outcome: error.outcome }
  }
}
