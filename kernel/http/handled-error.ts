import { type ArgsOf, ErrorHandle, PROBLEM_TYPE } from '@recyclique/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { HookError } from '../hooks/hook-error.ts'
import { isAsked } from './ask-modules.ts'
import { answerError, problemOf, refusalOf } from './problems.ts'
import { tellSkipped } from './skipped.ts'
import type { World } from './world.ts'

type Said = ArgsOf<typeof ErrorHandle>
type Asking = Pick<World, 'hooks' | 'metrics' | 'log'>
type Words = { readonly status: number; readonly words: string }

/**
 * How every error leaves. One that is not the asker's own is shown to the modules first: the first answer gives status and words,
 * the problem's `code` stays. A rule's or a schema's "no" is shown to nobody. Whatever a handler does or fails to do, the error is
 * answered, within the hook's deadline.
 */
export const answerHandled =
  (world: Asking) =>
  (error: Error, request: FastifyRequest, reply: FastifyReply): unknown => {
    const said = isAsked(world.hooks, ErrorHandle) ? shown(error, request) : undefined
    return said ? answerInWords(world, { error, request, reply, said }) : answerError(error, request, reply)
  }

interface Answering {
  readonly error: Error
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly said: Said
}

const answerInWords = async (world: Asking, { error, request, reply, said }: Answering) => {
  const refusal = refusalOf(error, request)
  const words = await wordsFor(world, reply, said)
  const problem = problemOf(refusal, request.id)
  return reply
    .code(words?.status ?? refusal.status)
    .type(PROBLEM_TYPE)
    .send(words ? { ...problem, status: words.status, detail: words.words } : problem)
}

/** An error of the handlers is noted where it happened; here it changes nothing. */
const wordsFor = async (world: Asking, reply: FastifyReply, said: Said): Promise<Words | null> => {
  try {
    const { result, errors } = await world.hooks.askInDetail(ErrorHandle.name, said)
    tellSkipped(world, reply, errors)
    return result as Words | null
  } catch (failure) {
    if (failure instanceof HookError) tellSkipped(world, reply, [failure])
    else world.log.error({ err: failure }, 'the handling of an error failed')
    return null
  }
}

/** What modules are shown of an error; `undefined` for one that is the asker's own. */
const shown = (error: Error, { id }: FastifyRequest): Said | undefined => {
  const failure = error instanceof HookError ? error : error.cause
  if (failure instanceof HookError) return { ...ofHook(failure), requestId: id }
  if (error instanceof Refusal) return isOurs(error) ? { ...ofRefusal(error), requestId: id } : undefined
  const { statusCode = 500 } = error as { statusCode?: number }
  return statusCode < 500 ? undefined : { ...ofStranger(error), requestId: id }
}

const ofHook = ({ kind, code, message, module, hook }: HookError): Said => ({
  ...{ kind, code: code.slice(0, 64), message, hook },
  ...(module === undefined ? {} : { module }),
})

/** The kernel's own trouble, or a module's that was called. */
const isOurs = ({ status, code }: Refusal) => status >= 500 || code === 'module-call-too-large'

const ofRefusal = ({ code, message, module }: Refusal): Said => ({
  ...{ kind: 'refused', code, message },
  ...(module === undefined ? {} : { module }),
})

/** Nobody foresaw it: the same words as for what a module throws. */
const ofStranger = (error: Error): Said => {
  const { code } = error as { code?: unknown }
  return { kind: 'thrown', code: (typeof code === 'string' ? code : error.name).slice(0, 64), message: error.message }
}
