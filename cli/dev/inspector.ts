import { freePort } from '../up/free-port.ts'

/** Where debuggers look first. */
const USUAL_PORT = 9229

/** Two debugger ports for each module, since old and new process stand beside each other for a moment; says which one is taken. */
export const makeInspector = (names: readonly string[], print: (text: string) => void) => {
  const portsOf = (name: string) => USUAL_PORT + 2 * names.indexOf(name)
  return async (name: string): Promise<string[]> => {
    const first = portsOf(name)
    const isFree = (await freePort('127.0.0.1', first)) === first
    const port = isFree ? first : await freePort('127.0.0.1', first + 1)
    print(`${name}: debugger port 127.0.0.1:${port}`)
    return [`--inspect=127.0.0.1:${port}`]
  }
}
