/** The pages' looks: system fonts, light and dark as the device wants it, one column on a phone, things to press as large as a finger. */
export const STYLE = `
:root { --ground: #f4f5f1; --card: #fff; --ink: #1f2a24; --soft: #5d6b63; --line: #cdd5cc; --go: #1f7a4a; --on-go: #fff; --note: #fff6d9 }
@media (prefers-color-scheme: dark) {
  :root { --ground: #141a17; --card: #1e2622; --ink: #eaf0ec; --soft: #9aaba1; --line: #3b4841; --go: #4cc38a; --on-go: #10231a; --note: #38321c }
}
* { box-sizing: border-box; margin: 0 }
body { background: var(--ground); color: var(--ink); font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 2rem; display: grid; gap: 1rem }
h1 { font-size: 1.6rem }
h2 { font-size: 1.15rem; margin-bottom: .75rem }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem }
.fields { display: grid; gap: .9rem 1rem; grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr)); align-items: end }
label { display: block; font-weight: 600 }
label small, .soft { color: var(--soft); font-weight: 400 }
input, select { width: 100%; min-height: 2.75rem; margin-top: .25rem; padding: .4rem .6rem; font: inherit; font-weight: 400; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: .5rem }
button, .button { display: inline-block; min-height: 2.75rem; padding: .55rem 1.1rem; font: inherit; font-weight: 600; text-decoration: none; color: var(--on-go); background: var(--go); border: 0; border-radius: .5rem; cursor: pointer }
.second { color: var(--ink); background: none; border: 1px solid var(--line) }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px }
.row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end }
.row label { flex: 1 1 14rem }
.said { margin-top: .75rem; padding: .6rem .8rem; background: var(--note); border-radius: .5rem }
.sample { max-width: 26rem; border: 1px dashed var(--line); border-radius: .5rem; overflow: hidden; background: #fff }
.sample svg { display: block; width: 100%; height: auto }
.sides { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); align-items: start }
ul { list-style: none; padding: 0; display: grid; gap: .25rem }
li a { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: .5rem .25rem; color: inherit; text-decoration: none; border-bottom: 1px solid var(--line) }
li a:hover strong { text-decoration: underline }
a { color: inherit }
`
