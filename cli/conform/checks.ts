import { Fault } from './case.ts'
import { lastWords, type Player, type Stage } from './stage.ts'

/** It is there and answers a ping. Throws a `Fault` where it does not. */
export const isAnswering = async (stage: Stage, { process, asking }: Player): Promise<void> => {
  const back = await asking.control('ping', stage.timeoutMs)
  if (process.end)
    throw new Fault(`it ${process.end.words}${lastWords(process)}`, 'It must live until it is asked to end.')
  if (back === 'nobody')
    throw new Fault(
      'nobody hears control.ping',
      'Subscribe to …<instance>.control.* and answer a ping with an empty message.',
    )
  if (back === 'silence')
    throw new Fault(
      `it did not answer a ping within ${stage.timeoutMs / 1000} s`,
      'Answer control.ping with an empty message, whatever else is under way.',
    )
}

/** Throws a `Fault` with what is wrong with a message, and the form that it must have. */
export const readAs = <T>(read: (text: string) => T, text: string, todo: string): T => {
  try {
    return read(text)
  } catch (error) {
    throw new Fault(`${(error as Error).message} (it sent: ${text.slice(0, 200)})`, todo)
  }
}
