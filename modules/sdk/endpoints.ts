import type { ErrandVerb, Subjects } from '@recyclique/contracts'
import type { Module } from './define-module.ts'

/** Something that a module answers, as it is shown and counted. */
export interface Endpoint {
  /** Among those of the module; see the functions below. */
  readonly key: string
  /** Letters, digits, `-` and `_`, each name once. */
  readonly name: string
  readonly subject: string
  readonly metadata: Readonly<Record<string, string>>
}

export const hookKey = (hook: string, handler: string): string => `hook ${hook} ${handler}`
export const routeKey = ({ method, path }: { method: string; path: string }): string => `route ${method} ${path}`
export const errandKey = (verb: ErrandVerb, name: string): string => `${verb} ${name}`

/** Everything that it answers: questions, routes, commands, tools and jobs. Facts are heard, and not answered. */
export const endpointsOf = (module: Module, instance: string, subjects: Subjects): Endpoint[] => {
  const { name } = module.manifest
  const at = (verb: 'hook' | 'http' | ErrandVerb, rest?: string) => subjects.toModule(name, instance, verb, rest)
  const taken = new Set<string>()
  return [
    ...module.answered.map(({ spec: { name: hook }, handler, isWrapper }) => ({
      key: hookKey(hook, handler),
      text: handler === hook ? `hook ${hook}` : `hook ${hook} ${handler}`,
      subject: at('hook', hook),
      metadata: { [isWrapper ? 'wraps' : 'answers']: hook, handler },
    })),
    ...module.routes.map((route) => ({
      ...{ key: routeKey(route), text: routeKey(route), subject: at('http') },
      metadata: { route: `${route.method} ${route.path}` },
    })),
    ...module.errands.map(({ verb, name }) => ({
      ...{ key: errandKey(verb, name), text: errandKey(verb, name), subject: at(verb, name) },
      metadata: { [verb]: name },
    })),
  ].map(({ text, ...endpoint }) => ({ ...endpoint, name: named(text, taken) }))
}

/** A name may have no dot, slash or colon: two that come to the same by that are told apart by a number. */
const named = (text: string, taken: Set<string>): string => {
  const plain = text
    .replaceAll(/[^A-Za-z0-9-]+/g, '_')
    .replace(/_$/, '')
    .slice(0, 190)
  let name = plain
  for (let nth = 2; taken.has(name); nth += 1) name = `${plain}_${nth}`
  taken.add(name)
  return name
}
