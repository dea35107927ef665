import { AskCall, type AskReply, Failure, Misfit, parseJson, readKernelSubject } from '@recyclique/contracts'
import type { Question } from '../hooks/step.ts'
import { answerOf } from './faults.ts'

export type AskFor = (hook: string, args: unknown, options: { within?: Question }) => Promise<unknown>

interface AskParts {
  readonly ask: AskFor
  readonly mayAsk: (module: string, hook: string) => boolean
}

/** Modules that ask: from inside a question of ours, or of their own accord. */
export const openAsks = ({ ask, mayAsk }: AskParts) => {
  const under = new Map<string, Question>()

  /** While a module has this question in hand it may ask on from inside. Gives the way to end that. */
  const during = (module: string, question: Question) => {
    const key = `${module} ${question.callId}`
    under.set(key, question)
    return () => {
      if (under.get(key) === question) under.delete(key)
    }
  }

  /** `before`: how many tokens stand before the hook's name. What stands around the new call is looked up and never taken from the module: depth, deadline and who is asked already. */
  const serve = async (subject: string, text: string, before: 0 | 1): Promise<string> => {
    const { module, rest } = readKernelSubject(subject)
    const hook = rest.slice(before).join('.')
    return JSON.stringify(await answered(module, hook, text))
  }

  const answered = (module: string, hook: string, text: string): Promise<AskReply> =>
    answerOf(async () => {
      if (!mayAsk(module, hook))
        throw new Failure('denied', 'asks-undeclared', `the manifest of ${module} does not list '${hook}' under 'asks'`)
      const { args, within } = readCall(text)
      if (within === undefined) return ask(hook, args, {})
      const around = under.get(`${module} ${within}`)
      if (!around) throw new Failure('denied', 'call-over', 'the question from inside which this is asked is over')
      return ask(hook, args, { within: around })
    })

  return { during, serve }
}

export type Asks = ReturnType<typeof openAsks>

const readCall = (text: string) => {
  try {
    return parseJson(AskCall, text, 'the question')
  } catch (error) {
    if (error instanceof Misfit) throw new Failure('invalid', 'question-malformed', error.message)
    throw error
  }
}
