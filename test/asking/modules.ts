import { v7 as newId } from 'uuid'
import type { AnswerSaid } from '../../kernel/hooks/registration.ts'
import type { Question } from '../../kernel/hooks/step.ts'
import type { RealKernel } from '../http/real-kernel.ts'

/** One module with one handler, as a function in this process. */
export const withModule = async (
  { hooks }: Pick<RealKernel, 'hooks'>,
  name: string,
  hook: string,
  call: AnswerSaid['call'],
  more: Partial<AnswerSaid> = {},
): Promise<void> => {
  const answers = [{ handler: 'on-question', hook, call, ...more }]
  await hooks.register({ name, version: '1.0.0', instance: newId(), answers })
}

/** Gives every module back, and takes every mark away. */
export const clear = async ({ hooks }: Pick<RealKernel, 'hooks'>): Promise<void> => {
  for (const name of hooks.book.names()) await hooks.unregister(name)
  for (const { spec } of hooks.book.declared()) hooks.book.mark(spec.name, {})
}

/**
 * A module that thinks until the test lets it speak: `asked(nth)` resolves with the nth question once it came, `say(verdict)` answers
 * the oldest one that waits.
 */
export const thinker = () => {
  const questions: Question[] = []
  const waiting: ((verdict: unknown) => void)[] = []
  const look = new Set<() => void>()
  return {
    questions,
    call: (question: Question) => {
      questions.push(question)
      for (const one of look) one()
      return new Promise<unknown>((resolve) => waiting.push(resolve))
    },
    asked: (nth: number) =>
      new Promise<Question>((resolve) => {
        const see = () => {
          const question = questions[nth - 1]
          if (question) resolve(question)
        }
        look.add(see)
        see()
      }),
    say: (verdict: unknown) => waiting.shift()?.(verdict),
  }
}

export const ALLOW = { verdict: 'allow' }
export const REFUSE = {
  verdict: 'refuse',
  code: 'too-cheap',
  words: 'Livres: at least 2 euros each.',
  field: '/lines/0',
}
export const CARE = { verdict: 'caution', code: 'fragile', words: 'Wrap it well.' }
