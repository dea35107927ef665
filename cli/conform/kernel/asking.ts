import { type Msg, type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node'
import {
  BodyPart,
  type BodyWish,
  CALL_HEADERS,
  type Control,
  type ErrandCall,
  ErrandReply,
  type ErrandVerb,
  type HookCall,
  HookReply,
  HttpAnswer,
  type HttpCall,
  type KeptConfig,
  type KeptFact,
  type ModuleVerb,
  PageAnswer,
  type PageCall,
  PartReply,
  parseJson,
  RETRY_HEADER,
  type ServiceVerb,
  type Subjects,
  toHeaders,
} from '@recyclique/contracts'

/** What came back: its text, that nobody was there to hear it, or nothing in time. */
export type Back = { readonly text: string; readonly ms: number } | 'nobody' | 'silence'

/** The kernel's questions to one process, as they go over the wire. */
export interface Asking {
  /** When something was asked of it, in order. */
  readonly moments: readonly number[]
  hook(call: AskedHook, withinMs: number): Promise<Back>
  /** The next part of an answer in parts. */
  part(stream: string, withinMs: number): Promise<Back>
  errand(what: AskedErrand, withinMs: number): Promise<Back>
  /** A part of what it hands over. */
  page(call: PageCall, withinMs: number): Promise<Back>
  /** What is set for it from now on. */
  config(kept: KeptConfig, withinMs: number): Promise<Back>
  http(call: Partial<HttpCall> & { path: string }, wanted: { withinMs: number; deadline?: number }): Promise<Back>
  /** The next part of a long answer over HTTP, or that no more of it is wanted. */
  body(name: string, wish: BodyWish, withinMs: number): Promise<Back>
  control(what: Control | 'a-later-verb', withinMs: number): Promise<Back>
  /** Without waiting for an answer. */
  say(what: Control): void
  retry(fact: KeptFact, withinMs: number): Promise<Back>
  /** As one of the services of NATS. */
  service(verb: ServiceVerb, withinMs: number): Promise<Back>
  /** Any text on any of its subjects. */
  raw(verb: ModuleVerb, name: string | undefined, text: string, withinMs: number): Promise<Back>
}

/** Something that it is to do. */
export interface AskedErrand {
  readonly verb: ErrandVerb
  readonly name: string
  readonly call: ErrandCall
  /** Further fields of the message, which no version of the contract knows. */
  readonly more?: Readonly<Record<string, unknown>>
}

export interface AskedHook {
  readonly call: HookCall
  /** Further fields of the message, which no version of the contract knows. */
  readonly more?: Readonly<Record<string, unknown>>
}

interface Parts {
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly module: string
  readonly instance: string
}

export const askingOf = ({ connection, subjects, module, instance }: Parts): Asking => {
  const moments: number[] = []
  const send = async (
    subject: string,
    text: string,
    withinMs: number,
    named: Readonly<Record<string, string>> = {},
  ) => {
    const headers = natsHeaders()
    for (const [name, value] of Object.entries(named)) headers.set(name, value)
    const began = performance.now()
    moments.push(began)
    try {
      const message = await connection.request(subject, text, { timeout: withinMs, headers, noMux: true })
      return read(message, began)
    } catch (error) {
      return isNobody(error as Error) ? 'nobody' : 'silence'
    }
  }
  const to = (verb: ModuleVerb, name?: string) => subjects.toModule(module, instance, verb, name)
  return {
    moments,
    hook: ({ call, more = {} }, withinMs) =>
      send(to('hook', call.hook), JSON.stringify({ ...call, ...more }), withinMs, { [CALL_HEADERS.trace]: TRACE }),
    part: (stream, withinMs) => send(to('part', stream), '', withinMs),
    errand: ({ verb, name, call, more = {} }, withinMs) =>
      send(to(verb, name), JSON.stringify({ ...call, ...more }), withinMs),
    page: (call, withinMs) => send(to('page'), JSON.stringify(call), withinMs),
    config: (kept, withinMs) => send(to('control', 'config'), JSON.stringify(kept), withinMs),
    http: (call, { withinMs, deadline = Date.now() + withinMs }) => {
      const whole: HttpCall = { method: 'GET', query: {}, headers: { accept: '*/*' }, ...call }
      return send(to('http'), JSON.stringify(whole), withinMs, { [CALL_HEADERS.deadline]: String(deadline) })
    },
    body: (name, wish, withinMs) => send(to('body', name), JSON.stringify(wish), withinMs),
    control: (what, withinMs) => send(to('control', what), '', withinMs),
    say: (what) => connection.publish(to('control', what), ''),
    retry: (fact, withinMs) =>
      send(to('control', 'retry'), JSON.stringify(fact.data), withinMs, { ...toHeaders(fact), [RETRY_HEADER]: '1' }),
    service: (verb, withinMs) => send(subjects.toService(module, instance, verb), '', withinMs),
    raw: (verb, name, text, withinMs) => send(to(verb, name), text, withinMs),
  }
}

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const read = (message: Msg, began: number): Back =>
  message.data.length === 0 && message.headers?.code === 503
    ? 'nobody'
    : { text: message.string(), ms: performance.now() - began }

const isNobody = (error: Error): boolean =>
  [error, error.cause as Error | undefined].some((one) => one?.name === 'NoRespondersError')

export const readHookReply = (text: string): HookReply => parseJson(HookReply, text, 'its answer')
export const readPart = (text: string): PartReply => parseJson(PartReply, text, 'a part of its answer')
export const readBodyPart = (text: string): BodyPart => parseJson(BodyPart, text, 'a part of its answer')
export const readErrandReply = (text: string): ErrandReply => parseJson(ErrandReply, text, 'its answer')
export const readPageAnswer = (text: string): PageAnswer => parseJson(PageAnswer, text, 'its answer')
export const readHttpAnswer = (text: string): HttpAnswer => parseJson(HttpAnswer, text, 'its answer')
