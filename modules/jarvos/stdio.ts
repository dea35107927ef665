import { readFileSync } from 'node:fs'
import { bridge } from './bridge.ts'

/**
 * An assistant on the same machine starts this, and speaks to it over stdin and stdout; it hands everything on to the module that runs.
 *
 * - `RECYCLIQUE_JARVOS_URL`: where the module listens; `http://127.0.0.1:8011/mcp` when missing.
 * - `RECYCLIQUE_JARVOS_TOKEN`, or `RECYCLIQUE_JARVOS_TOKEN_FILE`: a file with the token.
 *
 * Nothing but the protocol goes to stdout.
 */
const { env } = process
const url = env.RECYCLIQUE_JARVOS_URL || 'http://127.0.0.1:8011/mcp'

const complain = (words: string): never => {
  process.stderr.write(`${words}\n`)
  process.exit(78)
}

const tokenIn = (): string => {
  if (env.RECYCLIQUE_JARVOS_TOKEN) return env.RECYCLIQUE_JARVOS_TOKEN
  const file = env.RECYCLIQUE_JARVOS_TOKEN_FILE
  if (!file)
    return complain(
      'Set RECYCLIQUE_JARVOS_TOKEN, or RECYCLIQUE_JARVOS_TOKEN_FILE: `recyclique jarvos token-add NAME` makes a token.',
    )
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    return complain(`RECYCLIQUE_JARVOS_TOKEN_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

if (!URL.canParse(url))
  complain(`RECYCLIQUE_JARVOS_URL is no address: '${url}'. Write it as http://127.0.0.1:8011/mcp.`)
await bridge({ url: new URL(url), token: tokenIn(), say: (words) => process.stderr.write(`${words}\n`) })
