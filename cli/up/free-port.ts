import { createServer } from 'node:net'
import { CannotDo } from '../bad-use.ts'

/** Throws words for the operator where nobody can listen there. Port 0 always passes. */
export const checkPort = async (host: string, port: number): Promise<void> => {
  if (port === 0) return
  const { code, message } = (await tryPort(host, port)).error ?? {}
  if (code === undefined && message === undefined) return
  if (code === 'EADDRINUSE')
    throw new CannotDo(
      `port ${port} on ${host} is in use by another program: stop that one, or take another port with --port ${port + 1}`,
    )
  if (code === 'EACCES')
    throw new CannotDo(`this user may not listen on port ${port}: take one above 1023 with --port 8010`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    throw new CannotDo(`this machine has no address ${host}: give one of its own with --host, or leave it out`)
  throw new CannotDo(`nobody can listen on ${host}:${port}: ${message}`)
}

/** The wanted port where it is free, else any free one. */
export const freePort = async (host: string, wanted = 0): Promise<number> => {
  const { port } = await tryPort(host, wanted)
  return port ?? (await tryPort(host, 0)).port ?? wanted
}

const tryPort = (host: string, port: number): Promise<{ port?: number; error?: NodeJS.ErrnoException }> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve({ error }))
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      const taken = typeof address === 'object' && address ? address.port : port
      server.close(() => resolve({ port: taken }))
    })
  })
