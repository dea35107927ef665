import { failed, type Run } from './run.ts'
import type { Step } from './step.ts'

/** Waits until the deadline and no longer. What comes later, answer or error, is dropped and counted. */
export const inTime = <T>(run: Run, step: Step, got: PromiseLike<T>, until: number): Promise<T> =>
  new Promise((resolve, reject) => {
    let isOver = false
    const { clock, hook, callId, note } = run
    const sentAt = clock.now()
    const cancel = clock.after(until - sentAt, () => {
      isOver = true
      reject(failed(run, 'timeout', 'no-answer-in-time', `no answer from ${step.module} in time`, step))
    })
    const settle = (pass: () => void) => {
      if (isOver) return note({ is: 'late', hook, callId, module: step.module, ms: clock.now() - sentAt })
      cancel()
      pass()
    }
    got.then(
      (value) => settle(() => resolve(value)),
      (thrown) => settle(() => reject(thrown)),
    )
  })
