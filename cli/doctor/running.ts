import { existsSync } from 'node:fs'
import { CannotDo } from '../bad-use.ts'
import { historyIn, isCrash, quarantinesIn, quarantineWords, wallClock } from '../up/crashes.ts'
import { checkPort } from '../up/free-port.ts'
import { holderOf } from '../up/lock.ts'
import { addressOf, runFiles } from '../up/run-file.ts'
import { askKernel } from './ask.ts'
import { bad, type Check, type Found, ok, type Place, warn } from './finding.ts'
import { whoListens } from './who-listens.ts'

/** Who runs on the data folder. */
export const lock: Check = {
  about: 'running',
  look: async ({ data }) => {
    const { lock: file } = runFiles(data)
    const pid = await holderOf(file)
    if (pid !== undefined) return [ok(`Recyclique runs on this folder (process ${pid})`)]
    if (existsSync(file))
      return [
        warn(
          'the last run was not stopped in order',
          '`npm start` tidies up and goes on; nothing that was sold is lost',
        ),
      ]
    return [ok('no `npm start` runs on this folder')]
  },
}

/** Whether the kernel may listen where it wants to. */
export const port: Check = {
  about: 'port',
  look: async (place) => {
    const { data, host, port: wanted } = place
    const address = await addressOf(data)
    if (address !== undefined) return [ok(`${address} is ours`)]
    const words = await whyTaken(place)
    if (words === undefined) return [ok(`${wanted} on ${host} is free`)]
    const found = await askKernel<{ status?: string; version?: string }>(urlOf(place), '/healthz')
    if (found?.version !== undefined)
      return [
        ok(`a Recyclique ${found.version} answers at ${urlOf(place)} that \`npm start\` did not start on this folder`),
      ]
    const who = whoListens(wanted)
    return [bad(who ? `${words.what}; it is process ${who}` : words.what, words.remedy)]
  },
}

/** Where a kernel is to be asked: where somebody said, else what runs on the folder, else whoever answers at the wanted port. */
export const kernelUrl = async (place: Place): Promise<string | undefined> => {
  const said = place.url ?? (await addressOf(place.data))
  if (said !== undefined) return said
  const found = await askKernel<{ version?: string }>(urlOf(place), '/healthz')
  return found?.version === undefined ? undefined : urlOf(place)
}

const urlOf = ({ host, port: wanted }: Place): string => {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  return `http://${reached}:${wanted}`
}

const whyTaken = async ({ host, port: wanted }: Place): Promise<{ what: string; remedy: string } | undefined> => {
  try {
    await checkPort(host, wanted)
    return undefined
  } catch (error) {
    if (!(error instanceof CannotDo)) throw error
    const [what = '', remedy = ''] = error.message.split(/: (.*)/s)
    return { what, remedy }
  }
}

const DAY_MS = 86_400_000

/** Who crashed in the last day, and who stays down for it. */
export const crashes: Check = {
  about: 'crashes',
  look: async ({ data, now }) => {
    const history = historyIn(runFiles(data).crashes)
    const down = quarantinesIn(history)
    const recent = history.filter(isCrash).filter(({ at }) => now().getTime() - Date.parse(at) < DAY_MS)
    const names = [...new Set(recent.map(({ name }) => name))].filter((name) => !down.some((one) => one.name === name))
    const counted = names.map((name) =>
      countOf(
        name,
        recent.filter((one) => one.name === name),
      ),
    )
    const kept = down.map((one): Found => {
      const [what = '', remedy = ''] = quarantineWords(one).split('. ')
      return bad(`${one.name} is ${what}`, remedy)
    })
    const all = [...kept, ...counted]
    return all.length > 0 ? all : [ok('none in the last day')]
  },
}

const countOf = (name: string, all: readonly { at: string; how: string }[]): Found => {
  const { at, how } = all.at(-1) ?? { at: '', how: '' }
  return warn(
    `${name} crashed ${all.length === 1 ? 'once' : `${all.length} times`} in the last day and was started again; at ${wallClock(at)} it ${how}`,
    'look into its log around that time, and tell whoever wrote it',
  )
}
