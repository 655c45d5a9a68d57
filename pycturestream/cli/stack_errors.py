"""Turns what can go wrong with the local stack into the one line of a command."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import elasticsearch
import requests

from pycturestream.cli.errors import CommandError
from pycturestream.localstack.errors import StackError


@contextmanager
def stacking() -> Iterator[None]:
    try:
        yield
    except StackError as error:
        raise CommandError(str(error)) from error
    except requests.RequestException as error:
        raise CommandError(f"Flink does not answer: {error}") from error
    except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
        raise CommandError(f"Elasticsearch does not take the index templates: {error}") from error
    except OSError as error:
        raise CommandError(str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise CommandError(f"{error.cmd[0]} did not end within {error.timeout:g} s") from error
