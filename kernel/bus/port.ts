/**
 * What the kernel asks of a bus: a few verbs, so that the rest of it knows no NATS, and a test can play the bus.
 *
 * The bus promises to never take the kernel down. It comes and goes; whatever is asked while it is away rejects with `BusAway`, at
 * once, and so does what was under way when it went.
 */
export interface Bus {
  readonly state: BusState
  readonly isConnected: boolean
  /** Called at every change of `state`. Gives the way to stop it. */
  onStatus(hear: (state: BusState) => void): () => void
  readonly stream: FactStream
  readonly durables: Durables
  /**
   * Answers what comes in on a subject, from now on and after every return of the bus. With a `queue` one of several kernels gets
   * each message. No text: no answer. A handler that throws is logged, and its caller waits out its own deadline.
   */
  serve(subject: string, handle: Handle, queue?: string): () => void
  /** The same where there are as many answers as there are: each goes out when it is there. Nobody is told which was the last. */
  serveMany(subject: string, handle: HandleMany, queue?: string): () => void
  /** Says something to whoever is there, without an answer. Said to nobody while the bus is away. */
  say(subject: string, text: string): void
  /** One question, one answer. Rejects with `Unanswered`, or with `TooLarge` before anything was sent. */
  ask(subject: string, text: string, wanted: Wanted): Promise<string>
  /**
   * The same for whoever watches the time himself: the answer, or why none will come, is told to `hearer`, once. Gives the way to
   * listen no longer.
   */
  question(subject: string, text: string, hearer: Hearer, wanted?: Pick<Wanted, 'headers' | 'among'>): () => void
  /** The server's own word that a module's connection ended. Silent in reduced mode. */
  onDisconnect(hear: (gone: { module: string; instance: string }) => void): () => void
  close(): Promise<void>
}

/** `reduced`: a server that does not know our keys: nobody is kept apart, and nobody tells of connections that end. */
export type BusState =
  | { readonly is: 'connected'; readonly server: string; readonly reduced: boolean }
  | { readonly is: 'away' | 'too-old'; readonly why: string }

export interface Wanted {
  readonly withinMs: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The question stands in this set until it is answered: whoever learns that nobody will can drop it. */
  readonly among?: Set<Pending> | undefined
}

/** A question under way. */
export interface Pending {
  /** Nobody will answer it: whoever asked hears so, now. */
  drop(why: Error): void
}

export interface Hearer extends Pending {
  answer(text: string): void
}

export type Handle = (heard: { subject: string; text: string }) => Promise<string | undefined> | string | undefined

export type HandleMany = (
  heard: { subject: string; text: string },
  answer: (text: string) => void,
) => Promise<void> | void

/** The stream of all facts. Its sequence is the ledger's position. */
export interface FactStream {
  /**
   * Where it ends; `undefined` where there is none, and sequence 0 while it is empty. Throws `StreamUnfit` for one that was set up by
   * another hand, or that has lost something in the middle: it cannot be trusted to hold every fact.
   */
  end(): Promise<{ sequence: number; hash: string } | undefined>
  make(): Promise<void>
  /** Gives the sequence under which the fact is kept. Messages of one turn are sent in the order of the calls. */
  publish(message: FactMessage): Promise<number>
}

export interface FactMessage {
  readonly subject: string
  /** The same id is kept once (within two minutes). */
  readonly id: string
  /** Refused unless the stream ends right before, by number … */
  readonly position: number
  /** … and with the message of this id, where it is given. The number alone would let a stranger's message stand in for a refused one. */
  readonly follows: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Where each module's facts wait for it. */
export interface Durables {
  find(module: string): Promise<DurableView | undefined>
  /** Makes it begin behind a position, and replaces what is there. The position may lie beyond the stream's end. */
  make(wish: DurableWish, after: number): Promise<void>
  /** Other filters, another limit; the place is kept. */
  adjust(wish: DurableWish): Promise<void>
  remove(module: string): Promise<void>
  /** Has the last fact that was given out, and not acknowledged, given out again: for who knows that nobody has it in hand any more. */
  giveOutAgain(module: string, view: DurableView): Promise<void>
}

export interface DurableWish {
  readonly module: string
  readonly filters: readonly string[]
  /** How many facts may be under way at once; 1 keeps the order even when one must be tried again. */
  readonly atOnce: number
}

export interface DurableView extends Omit<DurableWish, 'module'> {
  /** Everything up to here was acknowledged. */
  readonly floor: number
  readonly delivered: number
  /** How many times something was given out, repetitions among them. */
  readonly deliveries: number
  /** Given out and not acknowledged. */
  readonly underWay: number
  /** Not given out yet. */
  readonly waiting: number
}

/** pino's form; any logger that has it will do. */
export interface Log {
  info(details: object, words: string): void
  warn(details: object, words: string): void
}

export class BusAway extends Error {
  constructor(why: string) {
    super(`the bus is away: ${why}`)
    this.name = 'BusAway'
  }
}

/** `nobody`: surely not heard by anyone. `too-late`: perhaps heard, perhaps done. */
export class Unanswered extends Error {
  readonly how: 'nobody' | 'too-late'
  constructor(how: 'nobody' | 'too-late', options?: ErrorOptions) {
    super(how === 'nobody' ? 'nobody is there' : 'no answer in time', options)
    this.name = 'Unanswered'
    this.how = how
  }
}

export class TooLarge extends Error {
  constructor(bytes: number) {
    super(`more than the ${bytes} bytes that the bus carries`)
    this.name = 'TooLarge'
  }
}

/** The stream is not the one that the relay made. Waiting mends nothing. */
export class StreamUnfit extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'StreamUnfit'
  }
}
