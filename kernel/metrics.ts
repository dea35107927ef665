import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What is counted and measured, for Prometheus. */
export interface Metrics {
  text(): Promise<string>
  readonly contentType: string
  answered(route: string, method: string, status: number, seconds: number): void
  /** A module was asked and left out: `kind` says why, as in a hook's error. */
  skipped(hook: string, module: string, kind: string): void
  /** Something happened beside the answers: `is` as in a hook's notice, `module` empty where it is nobody's in particular. */
  noticed(hook: string, module: string, is: string): void
}

/** `watch` gives the figures that are read when somebody asks: nothing is kept up to date for nobody. */
export const openMetrics = (
  watch: () => { position: number; told: number; behind: number; busUp: boolean },
): Metrics => {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const registers = [register]
  const requests = new Histogram({
    name: 'recyclique_http_seconds',
    help: 'time to answer, by route',
    labelNames: ['route', 'method'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const answers = new Counter({
    name: 'recyclique_http_answers_total',
    help: 'answers by route and status',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const skips = new Counter({
    name: 'recyclique_hook_skips_total',
    help: 'modules that were asked and left out, by hook, module and kind of error',
    labelNames: ['hook', 'module', 'kind'],
    registers,
  })
  const notices = new Counter({
    name: 'recyclique_hook_notices_total',
    help: 'what happened beside the answers of modules: failed, late, slow, warned',
    labelNames: ['hook', 'module', 'is'],
    registers,
  })
  gauge('recyclique_ledger_position', 'last position of the ledger', () => watch().position)
  gauge('recyclique_relay_told', 'last position that was told on the bus', () => watch().told)
  gauge('recyclique_relay_behind', 'facts that are kept but not told yet', () => watch().behind)
  gauge('recyclique_bus_up', '1 while the bus is reached', () => (watch().busUp ? 1 : 0))

  function gauge(name: string, help: string, value: () => number) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })
  }

  return {
    text: () => register.metrics(),
    contentType: register.contentType,
    answered(route, method, status, seconds) {
      requests.observe({ route, method }, seconds)
      answers.inc({ route, method, status })
    },
    skipped: (hook, module, kind) => skips.inc({ hook, module, kind }),
    noticed: (hook, module, is) => notices.inc({ hook, module, is }),
  }
}
