/**
 * What a module must know besides its `.creds` file. The account that the kernel signs for it allows exactly these, so both sides
 * read them here.
 */
export type ConnectionRules = {
  /** Where its answers arrive. Every instance of the module uses it: `connect({ inboxPrefix })`. */
  inboxPrefix: string
  /** What it calls the kernel's JetStream: `jetstream(connection, { apiPrefix })`. */
  apiPrefix: string
}

/**
 * A module's account has no JetStream of its own: it borrows the kernel's. Under its usual name (`$JS.API`) the server would take
 * the request for one to the module's own and answer "JetStream not enabled for account".
 */
export const JETSTREAM_API_PREFIX = 'js.API'

export const connectionRules = (module: string): ConnectionRules => ({
  inboxPrefix: `_INBOX.${module}`,
  apiPrefix: JETSTREAM_API_PREFIX,
})
