import { subscribe } from 'node:diagnostics_channel'

/** What was tried, and the right that would allow it; none where no right does. */
export type Refused = { readonly may: string; readonly right?: string }

/** Says it in the log, and gives the error for whoever tried. */
export type Refuse = (refused: Refused) => Error

/** As many different ones as help whoever reads them. */
const MOST_SAID = 30

/** Says what is refused, each thing once, as a line of the log; and what Node refuses by itself as well, also where the module's code catches it. */
export const openRefusals = (module: string): { readonly refuse: Refuse } => {
  const said = new Set<string>()
  const write = process.stdout.write.bind(process.stdout)
  const refuse: Refuse = ({ may, right }) => {
    const words = `${module} may not ${may}.${right === undefined ? '' : wayOut(module, right)}`
    if (!said.has(words) && said.size < MOST_SAID)
      write(`${JSON.stringify({ level: 40, time: Date.now(), name: module, msg: `refused: ${words}` })}\n`)
    said.add(words)
    return Object.assign(new Error(words), { code: 'ERR_ACCESS_DENIED' })
  }
  for (const what of ['fs', 'child', 'worker', 'wasi', 'addon', 'inspector'])
    subscribe(`node:permission-model:${what}`, (message) => {
      const { permission, resource } = message as { permission: string; resource: string }
      refuse(NODES[permission]?.(resource) ?? { may: `use ${permission} ${resource}` })
    })
  return { refuse }
}

/** `net:example.org` stands in the manifest as `"net": ["example.org"]`. */
const wayOut = (module: string, right: string): string => {
  const [kind = '', name = ''] = right.split(/:(.*)/s)
  return ` If it must, its manifest asks for it ("permissions": { "${kind}": [${JSON.stringify(name)}] }) and an operator grants it: recyclique modules grant ${module} ${right}`
}

const NODES: Readonly<Record<string, (resource: string) => Refused>> = {
  FileSystemRead: (path) => libraryIn(path) ?? { may: `read ${path}`, right: `fs:read:${path}` },
  FileSystemWrite: (path) => ({ may: `write ${path}`, right: `fs:${path}` }),
  ChildProcess: (program) => ({ may: `start the program ${program}`, right: 'runs:programs' }),
  WorkerThreads: () => ({ may: 'start threads', right: 'runs:threads' }),
  WASI: () => ({ may: 'use WASI', right: 'runs:wasi' }),
  Inspector: () => ({ may: 'open a debugger' }),
}

const libraryIn = (path: string): Refused | undefined => {
  const [, library] = /[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(path) ?? []
  return library === undefined ? undefined : { may: `load ${library}, which its package.json does not name (${path})` }
}
