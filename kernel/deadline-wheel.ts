import type { Clock } from './hooks/clock.ts'

/** How late a bell may ring, milliseconds. It never rings early. */
const TICK_MS = 5

/**
 * The clock of questions under way: thousands of deadlines, nearly all of them taken back before they come. A timer of the runtime
 * each would cost more than the questions; here setting and taking back one is a link in a ring, and one timer runs while any
 * slot is there.
 */
export const openDeadlineWheel = (now: () => number = Date.now): Clock & { close(): void } => {
  const slots = new Map<number, Bell>()
  let done = 0
  let timer: NodeJS.Timeout | undefined

  /** Answers that have arrived are read before anybody is told that none came: the process may have been too busy to look. */
  const turn = () => setImmediate(ringDue)
  const ringDue = () => {
    const current = Math.floor(now() / TICK_MS)
    // A clock that was set forward far has no more slots to look at than there are.
    const due =
      current - done > slots.size ? [...slots.keys()].filter((slot) => slot <= current) : range(done + 1, current)
    done = current
    for (const slot of due.sort((a, b) => a - b)) ring(slot)
    if (slots.size === 0) stop()
  }
  const ring = (slot: number) => {
    const head = slots.get(slot)
    slots.delete(slot)
    for (let bell = head?.next; bell && bell !== head; bell = head?.next) {
      unlink(bell)
      bell.ring()
    }
  }
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }
  const start = () => {
    done = Math.floor(now() / TICK_MS)
    timer = setInterval(turn, TICK_MS)
  }

  return {
    now,
    after(ms, toRing) {
      if (timer === undefined) start()
      const slot = Math.max(done + 1, Math.ceil((now() + ms) / TICK_MS))
      let head = slots.get(slot)
      if (!head) {
        head = emptyRing()
        slots.set(slot, head)
      }
      const bell = linkBefore(head, toRing)
      return () => unlink(bell)
    },
    close: stop,
  }
}

/** A bell in the ring of its slot. Taking one out costs the same however many there are, and leaves nothing behind. */
interface Bell {
  readonly ring: () => void
  next: Bell
  previous: Bell
}

const emptyRing = (): Bell => {
  const head = { ring: () => {} } as Bell
  head.next = head
  head.previous = head
  return head
}

const linkBefore = (head: Bell, ring: () => void): Bell => {
  const bell: Bell = { ring, next: head, previous: head.previous }
  head.previous.next = bell
  head.previous = bell
  return bell
}

/** A second time it does nothing. */
const unlink = (bell: Bell) => {
  bell.previous.next = bell.next
  bell.next.previous = bell.previous
  bell.next = bell
  bell.previous = bell
}

const range = (from: number, to: number): number[] => {
  const numbers: number[] = []
  for (let at = from; at <= to; at += 1) numbers.push(at)
  return numbers
}
