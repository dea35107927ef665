import { type Case, Fault, NotOwed } from './case.ts'
import { CASES } from './cases/all.ts'
import { NoSample } from './sample.ts'
import { lastWords, openStage, type Stage, type StageOptions } from './stage.ts'

export interface Result {
  readonly name: string
  readonly words: string
  /** `not-applicable`: a module like this one does not owe it. `not-run`: it could not be tried. */
  readonly state: 'passed' | 'failed' | 'not-applicable' | 'not-run'
  /** What was seen, or why not. */
  readonly seen?: string
  /** Of one that failed: what its author should do. */
  readonly todo?: string
  readonly ms: number
}

export interface Report {
  readonly module: string
  readonly version: string
  readonly command: readonly string[]
  readonly hasPassed: boolean
  readonly results: readonly Result[]
  readonly ms: number
}

export interface Conform extends StageOptions {
  /** Only these, by name; all where nothing is said. */
  readonly only: readonly string[]
  /** Hears each result as it comes. */
  readonly onResult: (result: Result) => void
}

/** Plays the kernel to a process, case by case. Leaves nothing behind. */
export const conform = async (options: Conform): Promise<Report> => {
  const { manifest, command, only, onResult } = options
  const began = performance.now()
  const stage = await openStage(options)
  const results: Result[] = []
  const note = (result: Result) => {
    results.push(result)
    onResult(result)
  }
  try {
    const wanted = CASES.filter(({ name }) => only.length === 0 || only.includes(name))
    const noPlay = await neverCame(stage)
    for (const one of wanted) note(noPlay ? noPlay(one) : await playOne(stage, one))
  } finally {
    await stage.close()
  }
  return {
    ...{ module: manifest.name, version: manifest.version, command, results },
    hasPassed: results.some(({ state }) => state === 'passed') && !results.some(({ state }) => isBad(state)),
    ms: performance.now() - began,
  }
}

const isBad = (state: Result['state']): boolean => state === 'failed' || state === 'not-run'

/** Who never announces itself cannot be asked anything: the first case says why, and the others are not tried. */
const neverCame = async (stage: Stage): Promise<((one: Case) => Result) | undefined> => {
  try {
    await stage.atWork()
    return undefined
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return ({ name, words }) =>
      name === 'announce'
        ? { name, words, state: 'failed', seen: error.message, todo: error.todo, ms: 0 }
        : { name, words, state: 'not-run', seen: `it did not announce itself: ${firstLine(error.message)}`, ms: 0 }
  }
}

const firstLine = (text: string): string => text.split('\n')[0] ?? ''

const playOne = async (stage: Stage, one: Case): Promise<Result> => {
  const { name, words } = one
  const began = performance.now()
  const result = (state: Result['state'], seen?: string, todo?: string): Result => ({
    ...{ name, words, state },
    ...(seen === undefined ? {} : { seen }),
    ...(todo === undefined ? {} : { todo }),
    ms: performance.now() - began,
  })
  const why = one.applies?.(stage)
  if (why !== undefined) return result('not-applicable', why)
  try {
    const seen = await one.play(stage)
    mustStillRun(stage)
    return result('passed', seen ?? undefined)
  } catch (error) {
    if (error instanceof NotOwed) return result('not-applicable', error.message)
    if (error instanceof NoSample) return result('not-run', error.message)
    if (!(error instanceof Fault)) throw error
    // What is left of a process that did wrong would only spoil the cases behind.
    await stage.clear()
    return result('failed', error.message, error.todo)
  }
}

const mustStillRun = (stage: Stage): void => {
  const gone = stage.lost()
  if (gone)
    throw new Fault(
      `it ${gone.process.end?.words} meanwhile${lastWords(gone.process)}`,
      'It must live until it is asked to end (SIGTERM, or control.drain).',
    )
}
