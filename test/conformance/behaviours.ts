import { Failure, outcomeStyle } from '@recyclique/contracts'
import type { Args, Call, Question } from '../../kernel/hooks/step.ts'

/**
 * What a module of a test can do, by name and with parameters that are plain data: a process can be told which of them to play.
 * `stage` is all that it knows of the world.
 */
export interface Stage {
  readonly module: string
  readonly instance: string
  /** Tells the test what happened; of one test all entries come in the order in which they happened. */
  log(what: string, seen?: unknown): void
  sleep(ms: number): Promise<void>
  /** Asks a hook from inside. */
  ask(hook: string, args: Args, within: Question): Promise<unknown>
  /** Ends the process there and then; absent where there is none. */
  die?(): Promise<never>
}

type Behaviour = (stage: Stage, ...params: never[]) => Call

const num = (args: Args, name: string) => args[name] as number

const messageOf = (error: unknown) => (error as Error).message

export const BEHAVIOURS = {
  answers: (stage, value: unknown) => () => {
    stage.log('asked')
    return value
  },
  /** Which process answers. */
  names: (stage) => () => stage.instance,
  answersLater: (stage, ms: number, value: unknown) => async () => {
    stage.log('asked')
    await stage.sleep(ms)
    stage.log('answered')
    return value
  },
  echoes: (stage) => (question) => {
    stage.log('asked', question.args)
    return question.args
  },
  showsTrace: (_stage) => (question) => [question.trace, question.depth, question.parentId],
  answersField: (stage, name: string) => (question) => {
    stage.log('asked', question.args)
    return question.args[name]
  },
  answersWhen: (_stage, name: string, is: unknown, value: unknown) => (question) =>
    question.args[name] === is ? value : null,
  adds: (stage, name: string, more: number) => (question) => {
    stage.log('asked', question.args)
    return num(question.args, name) + more
  },
  addsField: (stage, name: string, other: string, otherwise: number) => (question) => {
    stage.log('asked', question.args)
    return num(question.args, name) + ((question.args[other] as number | undefined) ?? otherwise)
  },
  multiplies: (stage, name: string, by: number) => (question) => {
    stage.log('asked', question.args)
    const value = num(question.args, name) * by
    stage.log('made', value)
    return value
  },
  throws: (stage, message: string, code?: string) => () => {
    stage.log('asked')
    throw Object.assign(new Error(message), code === undefined ? {} : { code })
  },
  /** What a runtime throws to stop a task: not an error of anybody. */
  cancels: (stage) => () => {
    stage.log('asked')
    throw new DOMException('cancelled', 'AbortError')
  },
  /** Its process is not there. (Played by a process: it ends as soon as it has registered.) */
  isAway: (_stage) => async () => {
    throw new Failure('unavailable', 'nobody-there', 'nobody is there')
  },
  /** Its process cannot be brought up. */
  cannotStart: (_stage, why: string) => async () => {
    throw new Failure('unavailable', 'cannot-start', why, { cause: new Error(why) })
  },
  isAwayOnce: (stage, value: unknown) => {
    let times = 0
    return async () => {
      times += 1
      stage.log('asked')
      if (times === 1) throw new Failure('unavailable', 'nobody-there', 'nobody is there')
      return value
    }
  },
  hangs: (stage) => () => {
    stage.log('asked')
    return new Promise(() => {})
  },
  streams: (_stage, ...parts: unknown[]) =>
    async function* () {
      yield* parts
    },
  asksOn: (stage, hook: string, args: Args) => async (question) => {
    stage.log('asked', { depth: question.depth, deadline: question.deadline })
    return stage.ask(hook, args, question)
  },
  patches: (stage, patch: Record<string, unknown>) => (question) => {
    stage.log('asked', question.args)
    return { patch }
  },
  replaces: (stage, value: unknown) => (question) => {
    stage.log('asked', question.args)
    return { replace: value }
  },
  /** Takes hold of what it was given and changes it, as one would in one process. */
  scribbles: (_stage, name: string, value: unknown) => (question) => {
    ;(question.args as Record<string, unknown>)[name] = value
    return null
  },

  scribblesInside: (_stage, name: string, field: string, value: unknown) => (question) => {
    ;(question.args[name] as Record<string, unknown>)[field] = value
    return null
  },

  // wrappers that return
  passes: (stage) => async (_question, proceed) => {
    stage.log('before')
    try {
      const result = await proceed()
      stage.log('after', result)
      return result
    } catch (error) {
      stage.log('after error', messageOf(error))
      throw error
    }
  },
  /** Its after-part takes a while. */
  passesSlowly: (stage, ms: number) => async (_question, proceed) => {
    try {
      return await proceed()
    } finally {
      await stage.sleep(ms)
      stage.log('after')
    }
  },
  /** Answers at once, and proceeds when that is no longer its business. */
  proceedsAfterAnswering: (stage, ms: number, value: unknown) => async (_question, proceed) => {
    const later = async () => {
      await stage.sleep(ms)
      await proceed()
    }
    later().catch((error) => stage.log('too late', messageOf(error)))
    return value
  },
  wrapsIn: (stage, name: string) => async (_question, proceed) => {
    stage.log('before')
    const result = await proceed()
    stage.log('after', result)
    return { [name]: result }
  },
  givesInstead: (_stage, value: unknown) => async (_question, proceed) => {
    await proceed()
    return value
  },
  swallows: (stage, value: unknown) => async (_question, proceed) => {
    try {
      return await proceed()
    } catch (error) {
      stage.log('swallowed', messageOf(error))
      return value
    }
  },
  cleansUp: (stage) => async (_question, proceed) => {
    try {
      return await proceed()
    } finally {
      stage.log('cleaned up')
    }
  },
  neverProceeds: (_stage, value: unknown) => async () => value,
  proceedsTwice: (stage) => async (_question, proceed) => {
    await proceed()
    try {
      return await proceed()
    } catch (error) {
      stage.log('second', messageOf(error))
      return 'hidden'
    }
  },
  throwsBefore: (stage, message: string) => async () => {
    stage.log('before')
    throw new Error(message)
  },
  throwsAfter: (_stage, message: string) => async (_question, proceed) => {
    await proceed()
    throw new Error(message)
  },
  /** (Played by a process: it ends there and then.) */
  diesAfterProceeding: (stage) => async (_question, proceed) => {
    await proceed()
    await stage.die?.()
    throw new Failure('unavailable', 'nobody-there', 'its process ended')
  },
  hangsAfterProceeding: (_stage) => async (_question, proceed) => {
    await proceed()
    return new Promise(() => {})
  },
  proceedsLate: (stage, ms: number) => async (_question, proceed) => {
    await stage.sleep(ms)
    try {
      return await proceed()
    } catch (error) {
      stage.log('too late', messageOf(error))
      return null
    }
  },

  // wrappers that are given an outcome
  passesOutcome: (stage) =>
    outcomeStyle(async (_question, proceed) => {
      stage.log('before')
      const { value, error } = await proceed()
      stage.log(error ? 'after error' : 'after', error ? messageOf(error) : value)
    }),
  forces: (_stage, value: unknown) =>
    outcomeStyle(async (_question, proceed) => {
      const outcome = await proceed()
      outcome.forceResult(value)
    }),
  forcesError: (_stage, message: string) =>
    outcomeStyle(async (_question, proceed) => {
      const outcome = await proceed()
      outcome.forceError(new Error(message))
    }),
  raisesAfter: (_stage, message: string) =>
    outcomeStyle(async (_question, proceed) => {
      await proceed()
      throw new Error(message)
    }),
  readsThrice: (stage) =>
    outcomeStyle(async (_question, proceed) => {
      const outcome = await proceed()
      for (const _ of [1, 2, 3]) {
        try {
          outcome.get()
        } catch (error) {
          stage.log('read', [(error as Error).stack, messageOf((error as Error).cause)])
        }
      }
    }),
} satisfies Record<string, Behaviour>

export type BehaviourName = keyof typeof BEHAVIOURS

/** Which behaviour, with which parameters: plain data. */
export interface Playing {
  readonly behaviour: BehaviourName
  readonly params: readonly unknown[]
}

type Params<F> = F extends (stage: Stage, ...params: infer P) => unknown ? P : never

/** `plays('adds', 'x', 1)` */
export const plays = <N extends BehaviourName>(
  behaviour: N,
  ...params: Params<(typeof BEHAVIOURS)[N]>
): { readonly plays: Playing } => ({ plays: { behaviour, params } })

/** The code behind a behaviour, on its stage. */
export const perform = ({ behaviour, params }: Playing, stage: Stage): Call =>
  (BEHAVIOURS[behaviour] as (stage: Stage, ...params: readonly unknown[]) => Call)(stage, ...params)

const WRAPPERS: readonly BehaviourName[] = [
  ...(['passes', 'wrapsIn', 'givesInstead', 'swallows', 'cleansUp', 'neverProceeds', 'proceedsTwice'] as const),
  ...([
    'throwsBefore',
    'throwsAfter',
    'diesAfterProceeding',
    'hangsAfterProceeding',
    'proceedsLate',
    'passesSlowly',
    'proceedsAfterAnswering',
  ] as const),
]
const OUTCOME_WRAPPERS: readonly BehaviourName[] = [
  'passesOutcome',
  'forces',
  'forcesError',
  'raisesAfter',
  'readsThrice',
]

/** Which kind of handler a behaviour is, as the manifest says it. */
export const styleOf = ({ behaviour }: Playing) => ({
  ...(WRAPPERS.includes(behaviour) ? { isWrapper: true } : {}),
  ...(OUTCOME_WRAPPERS.includes(behaviour) ? { isOutcomeWrapper: true } : {}),
})
