import { Failure } from '@recyclique/contracts'
import { BusAway, TooLarge } from '../bus/port.ts'

/** Whoever was asked ended while it was. */
const GONE = 'instance-gone'

/** Nobody was there, or whoever was asked died: a silence, for the breaker. */
export class Unreached extends Failure {
  constructor(code: 'nobody-there' | typeof GONE, message: string, options?: ErrorOptions) {
    super('unavailable', code, message, options)
    this.name = 'Unreached'
  }
  /** It was there, and died. */
  get isDeath(): boolean {
    return this.code === GONE
  }
}

/** Why no answer will come, as an error of the call. A bus that is away says nothing about the module. */
export const failureFrom = (error: Error, module: string): Failure => {
  if (error instanceof BusAway) return new Failure('unavailable', 'bus-away', error.message, { cause: error })
  if (error instanceof TooLarge)
    return new Failure('invalid', 'question-too-large', `the question to ${module} is ${error.message}`)
  return new Unreached(GONE, error.message, { cause: error })
}
