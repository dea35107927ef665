"""pluggy's own call, in this process: nobody, one and ten answers. Prints microseconds a call as JSON."""

import json
import sys
import time

import pluggy

spec = pluggy.HookspecMarker("bench")
impl = pluggy.HookimplMarker("bench")


class Spec:
    @spec
    def validate(self, register_id, lines, total_cents):
        """May this sale go through?"""


class Answers:
    @impl
    def validate(self, register_id, lines, total_cents):
        return {"verdict": "allow"}


LINE = {"qty": 1, "unitCents": 300, "lineCents": 300, "lineGrams": 700, "preset": "don"}
LINES = [{"line": at + 1, "categoryId": name, "categoryName": "Catégorie " + name, **LINE}
         for at, name in enumerate(["livres", "vaisselle", "textile"])]
CHUNK = 1000


def micros_per_call(answers, seconds):
    manager = pluggy.PluginManager("bench")
    manager.add_hookspecs(Spec)
    for _ in range(answers):
        manager.register(Answers())
    ask = manager.hook.validate
    chunks = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        for _ in range(CHUNK):
            ask(register_id="caisse-1", lines=LINES, total_cents=900)
        chunks.append(time.perf_counter() - begin)
    return sorted(chunks)[len(chunks) // 2] / CHUNK * 1e6


seconds = float(sys.argv[1])
print(json.dumps({
    "version": f"pluggy {pluggy.__version__}, Python {sys.version.split()[0]}",
    "micros": [micros_per_call(answers, seconds) for answers in (0, 1, 10)],
}))
