import type { ModuleView } from '@recyclique/contracts'
import { isStartable, type Survey } from '../up/find-modules.ts'

/** One module as an operator sees it: what lies here, what is wanted, and what runs. */
export interface ModuleLine {
  readonly name: string
  /** Of what lies here; where it differs, what runs is `running`. */
  readonly version: string | undefined
  readonly from: 'added' | 'program' | 'elsewhere'
  readonly isWanted: boolean
  readonly state: ModuleView['state'] | undefined
  readonly running: { readonly version: string; readonly processes: number } | undefined
  readonly lag: number | undefined
  readonly before: string | undefined
  /** Everything that a person should know of it. */
  readonly remarks: readonly string[]
}

/** All modules that lie here, that are wanted or that the kernel knows. `views` is what runs; undefined where nothing does. */
export const overviewOf = (survey: Survey, views: readonly ModuleView[] | undefined): readonly ModuleLine[] => {
  const names = [...survey.there, ...survey.entries, ...(views ?? [])].map(({ name }) => name)
  return [...new Set(names)].sort().map((name) =>
    lineOf(
      name,
      survey,
      views?.find((view) => view.name === name),
    ),
  )
}

const lineOf = (name: string, survey: Survey, view: ModuleView | undefined): ModuleLine => {
  const found = survey.there.find((one) => one.name === name)
  const chosen = survey.chosen.find((one) => one.name === name)
  const installed = survey.installed[name]
  const processes = view?.instances.filter(({ state }) => state !== 'gone').length ?? 0
  const why = chosen && !isStartable(chosen) ? [chosen.why] : []
  const { failed, coming } = installed ?? {}
  return {
    name,
    version: found && isStartable(found) ? found.manifest.version : undefined,
    from: installed?.inForce ? 'added' : found ? 'program' : 'elsewhere',
    isWanted: chosen !== undefined,
    state: view?.state,
    running: view && processes > 0 ? { version: view.version, processes } : undefined,
    lag: view?.lag,
    before: installed?.before?.version,
    remarks: [
      ...(view?.reasons ?? []),
      ...(view?.notes ?? []),
      ...why,
      ...(coming ? [`${coming.version} is to take over`] : []),
      ...(failed ? [`${failed.version} did not take over: ${failed.why}`] : []),
    ],
  }
}

/** The same as lines of a terminal. */
export const rowsOf = (lines: readonly ModuleLine[], isRunning: boolean): string[] => [
  ...(lines.length === 0 ? ['There are no modules.'] : lines.map((line) => rowOf(line, isRunning))),
  ...(isRunning ? [] : ['Nothing runs on this data folder: `npx recyclique up` starts it.']),
]

const FROM = { added: 'added', program: 'came with the program', elsewhere: 'started elsewhere' } as const

const stateOf = ({ isWanted, state, running, from }: ModuleLine, isRunning: boolean): string => {
  if (running || from === 'elsewhere') return state ?? 'not started'
  if (!isWanted) return 'not enabled'
  return state ?? (isRunning ? 'not started' : 'enabled')
}

const rowOf = (line: ModuleLine, isRunning: boolean): string =>
  [
    line.name.padEnd(24),
    (line.running?.version ?? line.version ?? '?').padEnd(10),
    stateOf(line, isRunning).padEnd(12),
    `${line.running?.processes ?? 0} running`,
    `  ${line.from === 'elsewhere' && !line.running ? 'no longer here' : FROM[line.from]}`,
    ...(line.lag ? [`  ${line.lag} waiting`] : []),
    ...line.remarks.map((remark) => `\n    ${remark}`),
  ].join(' ')
