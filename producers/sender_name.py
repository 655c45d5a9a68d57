"""The name by which the producers of this computer are told from those of others."""

import re
import socket
import uuid
from hashlib import blake2b

from pycturestream.config.settings import Settings


def sender_name(settings: Settings) -> str:
    """Return the name, which stays when a program is started again.

    The name of the computer stands in it for people. Many have the same one, and a computer may
    hold several copies of this project: the network card and the data folder tell them apart.
    """
    if settings.sender:
        return settings.sender
    place = f"{uuid.getnode()} {settings.data_folder.absolute()}".encode()
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:40].strip("-") or "computer"
    return f"{host}-{blake2b(place, digest_size=4).hexdigest()}"
