import type { ProblemPart } from '@recyclique/contracts'

/**
 * Every problem that the kernel can answer with: the code never changes, `words` are for the person at the till or the
 * operator, with `{holes}` for the details, and `status` is HTTP's. `docs/errors.md` has a paragraph for each; a test holds the
 * two together.
 */
export const ERRORS = {
  // what came in
  'body-invalid': { status: 400, words: '{what} does not fit: {flaws}.' },
  'json-broken': { status: 400, words: 'The body is not JSON: {why}.' },
  'content-type-unknown': { status: 415, words: 'Send the body as application/json.' },
  'body-too-large': { status: 413, words: 'The body is over 1 MiB: send less in one request.' },
  'request-invalid': { status: 400, words: 'The request could not be read: {why}.' },
  'not-found': { status: 404, words: 'There is no {what} here.' },
  'method-unknown': { status: 404, words: 'There is no {method} {path}: see /openapi.json.' },
  'key-missing': {
    status: 400,
    words: 'Send an Idempotency-Key header: one fresh UUID per ticket or act, the same again on a retry.',
  },
  'key-invalid': { status: 400, words: 'Idempotency-Key must be 8 to 64 of A-Z, a-z, 0-9, -, _ and .' },
  'key-reused': {
    status: 409,
    words: 'This Idempotency-Key was used for another request: take a fresh one for a new act.',
  },
  'actor-missing': { status: 401, words: 'Say who acts: send the header Recyclique-Actor with the id of a user.' },
  'actor-unknown': { status: 401, words: "'{actor}' is not an active user of this centre." },
  'credentials-unknown': { status: 401, words: 'Nobody here knows these credentials: check them, or sign in again.' },
  'actor-differs': {
    status: 401,
    words: "These credentials are those of '{actor}', the header Recyclique-Actor names somebody else: leave it out.",
  },
  'too-busy': { status: 503, words: 'Too much is waiting at the moment: try again in a second with the same key.' },
  'ledger-unavailable': {
    status: 503,
    words: 'The ledger could not write this: nothing was kept. Try again with the same key.',
  },
  internal: {
    status: 500,
    words: 'Something went wrong here. Nothing was half-done; the log has the details under request {requestId}.',
  },
  // the centre
  'unknown-reference': { status: 422, words: "There is no {what} '{id}'." },
  archived: { status: 422, words: "The {what} '{id}' is archived: choose another one." },
  'wrong-site': { status: 422, words: "This kernel keeps the site '{site}' only." },
  'time-zone-unknown': { status: 422, words: "There is no time zone '{zone}': take one such as Europe/Paris." },
  'category-cycle': { status: 422, words: "'{id}' cannot stand below itself." },
  'category-too-deep': { status: 422, words: 'Categories go three levels deep at most.' },
  'merge-invalid': { status: 422, words: '{why}' },
  'second-cash-method': { status: 422, words: "'{id}' is the cash method already: a drawer holds one kind of cash." },
  'still-in-use': { status: 409, words: "'{id}' is still in use: {why}." },
  'price-range': { status: 422, words: 'The lowest price is above the highest.' },
  // dates
  'date-unreal': { status: 422, words: '{date} is not a day of the calendar.' },
  'date-in-future': { status: 422, words: '{date} is after today ({today}).' },
  'date-not-today': { status: 422, words: 'Only late paper entry may bear another day than today: use mode deferred.' },
  'period-invalid': { status: 400, words: 'The period is wrong: {why}.' },
  // the drawer
  'session-already-open': {
    status: 409,
    words: "Register '{register}' has an open session already (mode {mode}): close it first, or use it.",
  },
  'session-closed': { status: 409, words: 'This cash session is closed: open a new one, then enter it there.' },
  'tickets-held': {
    status: 409,
    words: '{count} held ticket(s) wait in this session: sell or drop them before you close.',
  },
  'count-missing': { status: 422, words: "Count '{method}' as well: {expected} cents are expected." },
  'count-doubled': { status: 422, words: "'{method}' is counted twice." },
  'cash-below-zero': { status: 422, words: 'Cash in a drawer cannot be below zero: count it again.' },
  'variance-unexplained': { status: 422, words: 'The count differs by {variance} cents: say why in `reason`.' },
  'move-invalid': { status: 422, words: '{why}' },
  // the ticket
  'ticket-empty': { status: 422, words: 'The ticket is empty: it needs a line or a donation.' },
  'line-price-doubled': { status: 422, words: 'Give a unit price or a lot price, not both.' },
  'line-unpriced': { status: 422, words: 'This line has no price: give one, a global price, or a preset such as don.' },
  'preset-priced': { status: 422, words: "A line marked '{preset}' leaves for free: take the price out, or the mark." },
  'global-price-too-low': {
    status: 422,
    words: 'The global price ({total} cents) is below the lines that have a price ({priced} cents).',
  },
  'total-differs': {
    status: 422,
    words: 'The lines come to {computed} cents, the ticket says {stated}: enter it again.',
  },
  'payments-differ': {
    status: 422,
    words: 'Paid {paid} less change {change} must be the total {total} plus the donation {donation} (all in cents).',
  },
  'change-without-cash': {
    status: 422,
    words: 'Change ({change} cents) can only be given out of cash that came in ({cash} cents).',
  },
  'method-limits': { status: 422, words: "'{method}' takes {limits} cents." },
  'amount-too-large': { status: 422, words: 'The amount is over ten million euros: check the price and the number.' },
  'refund-over-remainder': { status: 409, words: 'Line {line} has {cents} cents and {qty} piece(s) left to refund.' },
  'line-doubled': { status: 422, words: 'Line {line} stands here twice: put both into one.' },
  'refund-empty': { status: 422, words: 'Say which lines are refunded, and how many pieces or cents of each.' },
  'refund-of-counter-entry': {
    status: 422,
    words: 'This is a refund or a void: only a sale can be refunded, voided or printed again.',
  },
  'void-too-late': { status: 409, words: 'This sale cannot be voided: {why}. Refund it instead.' },
  'held-ticket-gone': {
    status: 409,
    words: 'This held ticket was sold or dropped, or another session holds it: hold a fresh one.',
  },
  'mode-differs': { status: 422, words: 'The sale is {sale}, the session is {session}: they must be the same.' },
  // matter
  'deposit-closed': { status: 409, words: 'This deposit is closed: open a new one, or correct a line.' },
  'deposit-empty': { status: 422, words: 'Nothing was weighed in this deposit yet.' },
  'tare-doubled': { status: 422, words: 'Give a container or a tare, not both.' },
  'weight-not-over-tare': {
    status: 422,
    words: 'Gross {gross} g less tare {tare} g leaves nothing: check the scale and the container.',
  },
  'weight-unusual': {
    status: 422,
    words:
      '{net} g is more than {usual} g, the most that is usual for {category}: check the comma, then send `confirmed: true`.',
  },
  'partner-required': { status: 422, words: 'An exit to a {kind} needs a partner of that kind.' },
  'already-corrected': { status: 409, words: 'This line was corrected in between: load it again.' },
  'nothing-to-correct': { status: 422, words: 'The correction changes nothing.' },
  'quantity-missing': { status: 422, words: 'A counted line needs the number of pieces.' },
  'exit-invalid': { status: 422, words: '{why}' },
  // modules
  'module-refused': { status: 422, words: '{words}' },
  'module-required': {
    status: 503,
    words: "The module '{module}' must agree to this and cannot be asked ({hook}): {why}. Nothing was kept.",
  },
  'request-refused': { status: 403, words: "The module '{module}' does not let this through: {words}" },
  'changed-meanwhile': {
    status: 409,
    words: 'Something changed while this was being checked: look again, then send it with the same key.',
  },
  'module-unavailable': { status: 503, words: "The module '{module}' does not answer: {why}." },
  'module-call-too-large': {
    status: 413,
    words: "This is more than the bus can hand on to the module '{module}': about 700 kB at once.",
  },
  'config-invalid': { status: 422, words: "This configuration does not fit the module '{module}': {flaws}." },
  'module-blocked': {
    status: 409,
    words: "The module '{module}' is blocked here: unblock it first.",
  },
  'versions-invalid': {
    status: 422,
    words: "'{versions}' is no range of versions: write it as npm does, such as <1.2.0 or 1.3.x.",
  },
  'right-not-asked': { status: 422, words: "The module '{module}' does not ask for '{right}'. It asks for: {asked}." },
  'module-unknown': { status: 404, words: "There is no module '{module}' here." },
  'command-unknown': { status: 404, words: "The module '{module}' has no command '{name}'." },
  'tool-unknown': { status: 404, words: "The module '{module}' has no tool '{name}'." },
  'module-failed': { status: 502, words: "The module '{module}' could not do this: {words}" },
  'kv-conflict': {
    status: 409,
    words: "'{key}' stands at revision {found}, and not at {expected}: read it again, then decide anew.",
  },
  'kv-full': { status: 409, words: "'{module}' keeps as much as it may ({what}): it must remove something first." },
  'dead-letter-closed': { status: 409, words: 'Nothing more can be done with this dead letter: {why}.' },
} as const satisfies Record<string, { status: number; words: string }>

export type ErrorCode = keyof typeof ERRORS

/** Where it is wrong, as a JSON pointer, and who says so. */
export interface RefusalPlace {
  readonly field?: string
  readonly errors?: readonly ProblemPart[]
  readonly module?: string
  readonly moduleCode?: string
}

/** A rule says no. Nothing was kept; `field` is a JSON pointer into the body, `module` names who refused. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly details: Readonly<Record<string, string | number>>
  readonly field: string | undefined
  readonly errors: readonly ProblemPart[] | undefined
  readonly module: string | undefined
  /** The module's own code for its refusal. */
  readonly moduleCode: string | undefined
  constructor(code: ErrorCode, details: Readonly<Record<string, string | number>> = {}, place: RefusalPlace = {}) {
    super(ERRORS[code].words.replace(/\{(\w+)\}/g, (_, hole: string) => String(details[hole] ?? '')))
    this.name = 'Refusal'
    this.code = code
    this.status = ERRORS[code].status
    this.details = details
    this.field = place.field
    this.errors = place.errors
    this.module = place.module ?? (typeof details.module === 'string' ? details.module : undefined)
    this.moduleCode = place.moduleCode
  }
}

/** Refuses: `throw` in the form of an expression. */
export const refuse = (code: ErrorCode, details?: Record<string, string | number>, field?: string): never => {
  throw new Refusal(code, details, field === undefined ? {} : { field })
}
