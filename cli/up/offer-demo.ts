import { createInterface } from 'node:readline/promises'
import { apiAt } from '../api.ts'
import { isEmptyCentre, loadDemo } from '../demo/load-demo.ts'
import type { Screen } from './screen.ts'

/**
 * A centre that was never set up may begin with the demo: loaded where it was wanted (`--demo`), asked for where somebody sits at a
 * terminal, told of elsewhere. Never loaded unasked.
 */
export const offerDemo = async (url: string, wanted: boolean | undefined, screen: Screen): Promise<void> => {
  if (wanted === false || !(await isEmptyCentre(apiAt(url)))) return
  if (wanted ?? (await isWanted(screen)))
    await loadDemo(url, (line) => screen.say(line)).catch((error: Error) => screen.say(error.message, 'error'))
}

const isWanted = async (screen: Screen): Promise<boolean> => {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    screen.print(
      'This centre is empty. To look around in a made-up one: npm start -- --demo, or npx recyclique demo.\n',
    )
    return false
  }
  const asker = createInterface({ input: process.stdin, output: process.stdout })
  // readline takes Ctrl-C for itself: hand it on.
  asker.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    const answer = await asker.question('This centre is empty. Load the demo centre? [Y/n] ')
    return /^(|y|yes|o|oui)$/i.test(answer.trim())
  } finally {
    asker.close()
  }
}
