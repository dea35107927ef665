import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { CannotDo } from '../bad-use.ts'
import { openShell } from '../shell/open-shell.ts'
import { routesIn } from '../shell/routes.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

/** `recyclique shell`: a prompt with the API as functions; lines that are piped in are done one after the other. */
export const shellCommand = (program: Command): void => {
  withAddress(program.command('shell'))
    .description("try the API by hand: api.get('/v1/registers') at a prompt, with completion of routes by Tab")
    .option('--actor <user>', 'who acts', 'manager')
    .action(async ({ actor, ...flags }: AddressFlags & { actor: string }) => {
      const url = await addressFor(flags)
      const routes = routesIn(await apiAt(url, actor).get('/openapi.json'))
      const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
      if (isTerminal) console.log(GREETING(url, actor))
      const { RECYCLIQUE_SHELL_HISTORY: history = join(homedir(), '.recyclique_history') } = process.env
      const io = { input: process.stdin, output: process.stdout, isTerminal, history }
      const failures = await openShell({ url, actor, routes, ...io })
      if (!isTerminal && failures > 0) throw new CannotDo(`${failures} of the lines failed: see above`)
    })
}

const GREETING = (url: string, actor: string) => `The API at ${url}, as ${actor}.

  api.get('/v1/registers')                          what there is
  api.put('/v1/registers/caisse-2', { name: '…' })  post, put, patch and delete take a body
  .routes deposits                                  routes with a word in them; Tab completes a path
  .as anne                                          act as somebody else; .help for more, Ctrl-D to leave
`
