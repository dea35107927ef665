"""Runs price-memory on the bus, with the ordinary client of NATS. Each step stands in docs/protocol.md, "Being a module"."""

import asyncio
import base64
import hashlib
import json
import os
import secrets
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import nats
from nats.errors import TimeoutError as NatsTimeout
from memory import Memory
from module import PriceMemory, TooNew, fault, read_object
from service import Service

MANIFEST = json.loads(Path(__file__).with_name("manifest.json").read_text(encoding="utf-8"))
NAME = MANIFEST["name"]
SITE = os.environ.get("RECYCLIQUE_SITE", "")
INSTANCE = os.environ.get("RECYCLIQUE_INSTANCE") or f"{NAME}-{secrets.token_hex(3)}"
TO_KERNEL = f"rq.{SITE}.kernel.{NAME}"
MINE = f"rq.{SITE}.mod.{NAME}.{INSTANCE}"

DONE, REJECTED, MISCONFIGURED = 0, 65, 78
LET_GO_WITHIN_S = 0.5
NEWER_AGAIN_S = 5


class Life:
    """One process, from its announce to its goodbye."""

    def __init__(self, module: PriceMemory):
        self.module = module
        self.service = Service(MANIFEST, INSTANCE, {"hook": f"{MINE}.hook.>", "http": f"{MINE}.http"})
        self.in_hand: set[int] = set()
        self.in_flight = 0
        self.is_in = False
        self.code = DONE
        self.bell = asyncio.Event()  # announce now
        self.stopping = asyncio.Event()
        self.let_go = asyncio.Event()  # the kernel asks nothing more
        self.ear: asyncio.Task | None = None
        self.pulse: asyncio.Task | None = None
        self.started_at = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def live(self) -> int:
        self.nc = await nats.connect(
            os.environ.get("NATS_URL", "nats://127.0.0.1:4222").split(","),
            name=INSTANCE,
            user_credentials=os.environ["RECYCLIQUE_CREDS"],
            inbox_prefix=f"_INBOX.{NAME}".encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,
            reconnected_cb=self.ring,
            error_cb=self.complain,
        )
        # Before the first announce: one subscription hears all that the kernel asks of this process.
        await self.nc.subscribe(f"{MINE}.>", cb=self.take)
        await self.service.serve(self.nc)
        await self.announce_until_stopped()
        await self.leave()
        return self.code

    async def ring(self) -> None:
        self.bell.set()

    async def complain(self, error: Exception) -> None:
        log("the bus complains", reason=str(error))

    # --- coming

    async def announce_until_stopped(self) -> None:
        wait_s = 0.1
        while not self.stopping.is_set():
            self.bell.clear()
            answer = await self.announce()
            state = answer.get("state")
            if state == "rejected":
                print(f"The kernel rejects {NAME}:", *answer.get("reasons", []), sep="\n- ", file=sys.stderr)
                self.code = REJECTED
                return
            self.is_in = state in ("admitted", "replaying")
            if self.is_in:
                wait_s = 0.1
                self.begin(answer)
                await self.first_of(self.bell, self.stopping)
            else:
                wait_s = min(wait_s * 2, 5)
                await self.first_of(self.bell, self.stopping, within_s=wait_s)

    async def announce(self) -> dict:
        text = json.dumps(MANIFEST, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        said = {
            "manifest": MANIFEST,
            "manifestHash": hashlib.sha256(text.encode()).hexdigest(),
            "instance": INSTANCE,
            "pid": os.getpid(),
            "startedAt": self.started_at,
            "resumeAfter": self.module.memory.position,
        }
        try:
            answer = read_object((await self.nc.request(f"{TO_KERNEL}.announce", packed(said), timeout=5)).data)
            log("announced", state=answer.get("state"), reasons=answer.get("reasons"))
            return answer
        except Exception as error:  # nobody there yet, the bus away, an answer that makes no sense: again a little later
            log("no answer to the announce; asking on", reason=repr(error))
            return {}

    def begin(self, answer: dict) -> None:
        if self.pulse:
            self.pulse.cancel()
        self.pulse = asyncio.create_task(self.beat(answer["heartbeatMs"] / 1000))
        hearing = answer.get("hearing", {})
        if "passed" in hearing:
            self.module.memory.pass_over(hearing["passed"])
        if self.ear is None or self.ear.done():
            self.ear = asyncio.create_task(self.hear(hearing["stream"], hearing["durable"]))

    async def beat(self, every_s: float) -> None:
        while True:
            said = {"instance": INSTANCE, "inFlight": self.in_flight, "position": self.module.memory.position}
            await self.nc.publish(f"{TO_KERNEL}.heartbeat", packed(said))
            await asyncio.sleep(every_s)

    # --- facts

    async def hear(self, stream: str, durable: str) -> None:
        """Pulls fact after fact. Ends when the durable is gone; then the announce is made again."""
        jetstream = self.nc.jetstream(prefix="js.API")
        try:
            pull = await jetstream.pull_subscribe_bind(durable, stream, inbox_prefix=f"_INBOX.{NAME}.".encode())
            while self.is_in and not self.stopping.is_set():
                try:
                    messages = await pull.fetch(1, timeout=1)
                except (NatsTimeout, asyncio.TimeoutError):
                    continue
                for message in messages:
                    await self.take_fact(message)
            await pull.unsubscribe()
        except Exception as error:
            log("no facts come any more; announcing again", reason=repr(error))
            await asyncio.sleep(0.1)
            self.bell.set()

    async def take_fact(self, message) -> None:
        if not self.is_in or self.stopping.is_set():
            return await message.nak()
        position = message.metadata.sequence.stream
        self.in_hand.add(position)
        try:
            headers = message.headers or {}
            self.module.hear(position, headers["ce-type"], int(headers["rq-version"]), read_object(message.data))
            await message.ack_sync()
        except TooNew as error:
            log("a fact waits for the upgrade of this module", position=position, reason=str(error))
            await message.nak(delay=NEWER_AGAIN_S)
        except (KeyError, ValueError, TypeError) as error:
            await self.lay_aside(message, position, repr(error))
        finally:
            self.in_hand.discard(position)

    async def lay_aside(self, message, position: int, error: str) -> None:
        """Trying again would not help: an operator reads of it, and the facts behind it come."""
        log("a fact goes to the dead letters", position=position, error=error)
        said = {"instance": INSTANCE, "position": position, "error": error[:2000], "attempts": 1}
        await self.nc.request(f"{TO_KERNEL}.dead", packed(said), timeout=5)
        self.module.memory.pass_over(position)
        await message.ack_sync()

    # --- what the kernel asks

    async def take(self, message) -> None:
        verb, _, name = message.subject.removeprefix(f"{MINE}.").partition(".")
        self.in_flight += 1
        began_ns = time.perf_counter_ns()
        try:
            answer = self.reply_to(verb, name, message)
        except Exception as error:
            log("a question could not be answered", subject=message.subject, reason=repr(error))
            answer = fault("question-malformed", repr(error))
        finally:
            self.in_flight -= 1
        self.service.count(verb, began_ns, answer)
        if message.reply and answer is not None:
            await message.respond(answer if isinstance(answer, bytes) else packed(answer))

    def reply_to(self, verb: str, name: str, message) -> dict | bytes | None:
        if verb == "hook":
            return self.answer(message)
        if verb == "http":
            return self.route(message)
        if verb == "control":
            return self.control(name, message)
        return None

    def answer(self, message) -> dict | None:
        call = read_object(message.data)
        if call["deadline"] <= time.time() * 1000:
            return None
        if not isinstance(call["args"], dict):
            raise ValueError("args must be an object")
        return self.module.answer(call["handler"], call["args"])

    def route(self, message) -> dict | None:
        if float((message.headers or {}).get("rq-deadline", "inf")) <= time.time() * 1000:
            return None
        try:
            call = read_object(message.data)
            status, shown = self.module.route(call["method"], call["path"])
        except (KeyError, ValueError, AttributeError) as error:
            status, shown = 400, {"status": 400, "code": "call-malformed", "detail": repr(error)}
        headers = {"content-type": "application/json; charset=utf-8"}
        return {"status": status, "headers": headers, "body": base64.b64encode(packed(shown)).decode()}

    def control(self, what: str, message) -> dict | bytes | None:
        if what == "announce":
            self.bell.set()
        if what == "drain":
            self.let_go.set()
            self.stopping.set()
        if what in ("announce", "drain", "ping"):
            return b""
        if what == "health":
            return self.module.health()
        if what == "holding":
            return {"positions": sorted(self.in_hand)}
        if what == "retry":
            return self.retry(message)
        return None

    def retry(self, message) -> dict:
        try:
            self.module.memory.hear_passed(int(message.headers["rq-position"]), read_object(message.data))
            return {"ok": True}
        except Exception as error:
            return {"ok": False, "error": repr(error)[:2000]}

    # --- leaving

    async def leave(self) -> None:
        """Bye, answer on until the kernel lets go, finish what is in hand, bye, close. Bounded: the bus may be away."""
        await self.say_bye("draining")
        if self.is_in:
            await self.first_of(self.let_go, within_s=LET_GO_WITHIN_S)
        if self.ear:
            await asyncio.wait([self.ear], timeout=5)
        if self.pulse:
            self.pulse.cancel()
        await self.say_bye("gone")
        try:
            await asyncio.wait_for(self.nc.close(), 2)
        except Exception as error:
            log("the connection did not close", reason=repr(error))

    async def say_bye(self, phase: str) -> None:
        try:
            await self.nc.publish(f"{TO_KERNEL}.bye", packed({"instance": INSTANCE, "phase": phase}))
            await asyncio.wait_for(self.nc.flush(1), 1)
        except Exception:
            log("nobody hears the goodbye", phase=phase)

    @staticmethod
    async def first_of(*events: asyncio.Event, within_s: float | None = None) -> None:
        waiting = [asyncio.create_task(event.wait()) for event in events]
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


def packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def log(event: str, **details: object) -> None:
    print(json.dumps({"name": NAME, "instance": INSTANCE, "event": event, **details}, ensure_ascii=False), flush=True)


async def main() -> int:
    missing = [name for name in ("RECYCLIQUE_SITE", "RECYCLIQUE_CREDS") if not os.environ.get(name)]
    if missing:
        print(f"{NAME} is not told {' and '.join(missing)}: see README.md", file=sys.stderr)
        return MISCONFIGURED
    memory = Memory(os.environ.get("RECYCLIQUE_MODULE_DATA", f"./data/modules/{NAME}"))
    life = Life(PriceMemory(memory))
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, life.stopping.set)
    try:
        return await life.live()
    finally:
        memory.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
