const HERE = new Set(['localhost', '127.0.0.1', '::1'])

/** One spelling: small letters, no brackets, no dot at the end, one name for this machine. */
const plain = (host: string): string => {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  return HERE.has(name) ? 'localhost' : name
}

/** `host:port`, where the host may be an IPv6 address in brackets, or `*.` and the end of a name. */
const taken = (grant: string): { host: string; port: number | undefined } => {
  const [, host = grant, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(grant) ?? []
  return { host: plain(host), port: port === undefined ? undefined : Number(port) }
}

const fits = (granted: string, host: string): boolean =>
  granted === '*' || granted === host || (granted.startsWith('*.') && host.endsWith(granted.slice(1)))

/** Is it granted to connect there? */
export const mayReach = (grants: readonly string[], host: string, port: number): boolean =>
  grants.map(taken).some((one) => fits(one.host, plain(host)) && (one.port === undefined || one.port === port))

/** Is there a port of this host that was granted? Then its address may be asked for. The own machine's always. */
export const isNamed = (grants: readonly string[], host: string): boolean =>
  plain(host) === 'localhost' || grants.map(taken).some((one) => fits(one.host, plain(host)))

/** Is it granted to listen there? No host at all means every address of the machine. */
export const mayListen = (grants: readonly string[], host: unknown, port: number): boolean => {
  const isHere = typeof host === 'string' && plain(host) === 'localhost'
  return grants.includes(`*:${port}`) || (isHere && grants.includes(String(port)))
}
