import type { AnswerSaid } from '../../kernel/hooks/registration.ts'
import type { Args, Call } from '../../kernel/hooks/step.ts'
import type { RealKernel } from '../http/real-kernel.ts'

/** Puts a module with one function on one hook. Gives what it was asked, call by call. */
export const on = async (
  { hooks }: Pick<RealKernel, 'hooks'>,
  hook: string,
  module: string,
  answer: Call,
  more: Partial<AnswerSaid> = {},
): Promise<Args[]> => {
  const asked: Args[] = []
  const call: Call = (question, proceed) => {
    asked.push(question.args)
    return answer(question, proceed)
  }
  await hooks.register({
    ...{ name: module, version: '1.2.0', instance: `${module}-1` },
    answers: [{ handler: hook, hook, ...more, call }],
  })
  return asked
}

/** A module that never answers. */
export const silent: Call = () => new Promise(() => {})

export const failing: Call = () => {
  throw new Error('the list is empty')
}

/** All modules and marks go: the next test begins with nobody. */
export const nobody = async ({ hooks }: Pick<RealKernel, 'hooks'>, ...marked: string[]) => {
  for (const name of hooks.book.names()) await hooks.unregister(name)
  for (const hook of marked) hooks.book.mark(hook, {})
}
