import type { TraceView, TraceWish } from '@recyclique/contracts'
import { type Command, InvalidArgumentError } from 'commander'
import { apiAt } from '../api.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

type ActFlags = AddressFlags & { actor: string }
type OnFlags = ActFlags & { minutes?: number; calls?: number; withArguments?: true }
type Switched = TraceView & { unknown?: string[] }

/** `recyclique trace …`: has the running kernel write its questions to modules as a tree, to its log. */
export const traceCommand = (program: Command): void => {
  const trace = program.command('trace').description('what the kernel asks its modules, call by call, in its log')

  withActor(trace.command('on [hooks...]'))
    .description('write the calls of these hooks, or of all, with all that is asked inside them')
    .option('--minutes <n>', 'it ends by itself after so many (10)', number)
    .option('--calls <n>', 'or after so many calls (1000)', number)
    .option('--with-arguments', 'what is asked and answered as well: names and free text may stand in it')
    .action(async (hooks: string[], { minutes, calls, withArguments, ...flags }: OnFlags) => {
      const body: TraceWish = {
        ...(hooks.length === 0 ? {} : { hooks }),
        ...(minutes === undefined ? {} : { minutes }),
        ...(calls === undefined ? {} : { calls }),
        ...(withArguments ? { withArguments } : {}),
      }
      const view = await apiAt(await addressFor(flags), flags.actor).put<Switched>('/v1/trace', { body })
      console.log(wordsOn(view))
      for (const hook of view.unknown ?? [])
        console.error(
          `No hook is called ${hook} at the moment: \`GET /v1/hooks\` lists them. Its calls are written once it is there.`,
        )
    })

  withActor(trace.command('off'))
    .description('write no more')
    .action(async (flags: ActFlags) => {
      console.log(wordsOn(await apiAt(await addressFor(flags), flags.actor).delete<TraceView>('/v1/trace', {})))
    })

  withAddress(trace.command('show'))
    .description('is it on, for which hooks, and until when?')
    .action(async (flags: AddressFlags) => {
      console.log(wordsOn(await apiAt(await addressFor(flags)).get<TraceView>('/v1/trace')))
    })
}

const withActor = (command: Command): Command =>
  withAddress(command).option('--actor <user>', 'who decides this', 'manager')

const wordsOn = ({ isOn, hooks, until, callsLeft, withArguments }: TraceView): string => {
  if (!isOn) return 'No calls are written.'
  const of = hooks ? `Calls of ${hooks.join(', ')}` : 'All calls'
  const end = `until ${new Date(until ?? 0).toLocaleTimeString()}, or ${callsLeft} calls from now`
  return `${of} are written to the kernel's log ${end}${withArguments ? ', with what is asked and answered' : ''}.`
}

const number = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0)) throw new InvalidArgumentError('Say a number above 0.')
  return value
}
