import dgram from 'node:dgram'
import dns from 'node:dns'
import net from 'node:net'
import { isNamed, mayListen, mayReach } from './hosts.ts'
import { lock } from './lock.ts'
import type { Refuse } from './refusals.ts'

type Guard = { net: readonly string[]; listen: readonly string[]; refuse: Refuse }

/** The network as far as it was granted: connections, ports, names. Datagrams only for whoever may go everywhere. */
export const guardNetwork = ({ net: granted, listen, refuse }: Guard): void => {
  guardConnections(granted, refuse)
  guardPorts(listen, refuse)
  guardNames(granted, refuse)
  if (!granted.includes('*')) guardDatagrams(refuse)
}

type Options = { host?: unknown; port?: unknown; path?: unknown; fd?: unknown; lookup?: unknown }

/** However it was written: `(options)`, `(port, host)`, `(path)`, or the list that the runtime makes of it. */
const optionsIn = (args: readonly unknown[]): Options => {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first }
  return { port: first, ...(typeof second === 'string' ? { host: second } : {}) }
}

const guardConnections = (granted: readonly string[], refuse: Refuse): void => {
  const { connect } = net.Socket.prototype
  lock(net.Socket.prototype, 'connect', function (this: net.Socket, ...args: unknown[]) {
    const options = optionsIn(args)
    const { path, port } = options
    const host = String(options.host || 'localhost')
    if (typeof path === 'string' && path !== '')
      return fail(this, refuse({ may: `connect to the socket ${path}` }), args.at(-1))
    if (!mayReach(granted, host, Number(port)))
      return fail(this, refuse({ may: `connect to ${host}:${port}`, right: `net:${host}:${port}` }), args.at(-1))
    // One that finds other addresses for a name would go anywhere under a name that was granted.
    if (options.lookup !== undefined) Reflect.set(options, 'lookup', dns.lookup)
    return Reflect.apply(connect, this, args)
  })
}

/** As a connection fails that cannot be made: later, by an event. */
const fail = (socket: net.Socket, error: Error, callback: unknown): net.Socket => {
  if (typeof callback === 'function') socket.removeListener('connect', callback as () => void)
  process.nextTick(() => socket.destroy(error))
  return socket
}

const guardPorts = (listen: readonly string[], refuse: Refuse): void => {
  const original = net.Server.prototype.listen
  lock(net.Server.prototype, 'listen', function (this: net.Server, ...args: unknown[]) {
    const { host, port, path, fd } = optionsIn(args)
    const isHandle = typeof args[0] === 'object' && [port, path, fd].every((one) => one === undefined)
    const where = path ?? (fd === undefined && !isHandle ? undefined : 'what was opened otherwise')
    const error =
      where !== undefined
        ? refuse({ may: `listen on ${where}` })
        : mayListen(listen, host, Number(port ?? 0))
          ? undefined
          : refuse(unlistened(host, Number(port ?? 0), listen))
    if (!error) return Reflect.apply(original, this, args)
    process.nextTick(() => this.emit('error', error))
    return this
  })
  closeBackDoor(net, '_createServerHandle', refuse)
}

/** Older names by which the runtime's own parts speak to each other: they open the same without asking. */
const closeBackDoor = (where: object, name: string, refuse: Refuse): void =>
  lock(where, name, () => {
    throw refuse({ may: `use ${name}` })
  })

const unlistened = (host: unknown, port: number, listen: readonly string[]) => {
  if (mayListen(listen, '127.0.0.1', port))
    return { may: `listen on port ${port} of every address: give listen the host 127.0.0.1`, right: `listen:*:${port}` }
  const isOpen = !mayListen([String(port)], host, port)
  return { may: `listen on port ${port}`, right: `listen:${isOpen ? '*:' : ''}${port}` }
}

const LOOK_UPS = Object.keys(dns).filter((name) => /^(?:lookup|resolve|reverse)/.test(name))

type Look = (...args: unknown[]) => unknown

/** A name that was not granted is not asked for either: the question alone could carry something out. */
const guardNames = (granted: readonly string[], refuse: Refuse): void => {
  const isFree = (name: unknown) => isNamed(granted, String(name))
  const refusal = (name: unknown) => refuse({ may: `look up ${name}`, right: `net:${name}` })
  const later = (look: Look): Look =>
    function (this: unknown, name, ...rest) {
      if (isFree(name)) return Reflect.apply(look, this, [name, ...rest])
      const error = refusal(name)
      const callback = rest.findLast((one) => typeof one === 'function') as ((error: Error) => void) | undefined
      process.nextTick(() => callback?.(error))
      return {}
    }
  const promised = (look: Look): Look =>
    function (this: unknown, name, ...rest) {
      return isFree(name) ? Reflect.apply(look, this, [name, ...rest]) : Promise.reject(refusal(name))
    }
  for (const name of LOOK_UPS) {
    for (const where of [dns, dns.Resolver.prototype]) around(where, name, later)
    for (const where of [dns.promises, dns.promises.Resolver.prototype]) around(where, name, promised)
  }
}

const around = (where: object, name: string, wrap: (look: Look) => Look): void => {
  const look: unknown = Reflect.get(where, name)
  if (typeof look === 'function') lock(where, name, wrap(look as Look))
}

const guardDatagrams = (refuse: Refuse): void => {
  for (const name of ['bind', 'connect', 'send'] as const)
    lock(dgram.Socket.prototype, name, () => {
      throw refuse({ may: 'send or receive datagrams', right: 'net:*' })
    })
  closeBackDoor(dgram, '_createSocketHandle', refuse)
}
