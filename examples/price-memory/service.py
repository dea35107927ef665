"""The process as a service of NATS, so that `nats micro stats` sees it: docs/protocol.md, "Being a NATS service"."""

import json
import time
from datetime import datetime, timezone


class Service:
    """Answers $SRV.PING, INFO and STATS, and counts what is answered."""

    def __init__(self, manifest: dict, instance: str, endpoints: dict[str, str]):
        """`endpoints`: the subject of each, by the verb that stands in it (hook, http)."""
        self.who = {"name": manifest["name"], "id": instance, "version": manifest["version"], "metadata": {}}
        self.description = manifest["description"]
        self.started = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.endpoints = {
            verb: {"name": verb, "subject": subject, "queue_group": ""} for verb, subject in endpoints.items()
        }
        self.seen = {
            verb: {"num_requests": 0, "num_errors": 0, "last_error": "", "processing_time": 0} for verb in endpoints
        }

    def answers(self) -> dict[str, dict]:
        return {
            "PING": {"type": "io.nats.micro.v1.ping_response", **self.who},
            "INFO": {
                "type": "io.nats.micro.v1.info_response",
                **self.who,
                "description": self.description,
                "endpoints": [{**one, "metadata": {}} for one in self.endpoints.values()],
            },
            "STATS": {
                "type": "io.nats.micro.v1.stats_response",
                **self.who,
                "started": self.started,
                "endpoints": [self.stats(verb) for verb in self.endpoints],
            },
        }

    def stats(self, verb: str) -> dict:
        seen = self.seen[verb]
        average = seen["processing_time"] // max(1, seen["num_requests"])
        return {**self.endpoints[verb], **seen, "average_processing_time": average}

    async def serve(self, nc) -> None:
        for verb in self.answers():
            await nc.subscribe(f"$SRV.{verb}.{self.who['name']}.{self.who['id']}", cb=self.take)

    async def take(self, message) -> None:
        verb = message.subject.split(".")[1]
        await message.respond(json.dumps(self.answers()[verb], ensure_ascii=False).encode())

    def count(self, verb: str, began_ns: int, answer: object) -> None:
        if verb not in self.seen:
            return
        seen = self.seen[verb]
        seen["num_requests"] += 1
        seen["processing_time"] += time.perf_counter_ns() - began_ns
        if isinstance(answer, dict) and "error" in answer:
            seen["num_errors"] += 1
            seen["last_error"] = json.dumps(answer["error"], ensure_ascii=False)[:500]
