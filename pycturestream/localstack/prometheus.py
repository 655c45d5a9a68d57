"""Prometheus, where it is installed: the metrics of the last two weeks, and alert rules on them.

Nothing else needs it, so it is not downloaded: Debian has it as the package `prometheus`.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from ruamel.yaml import YAML

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.localstack.server import Server
from pycturestream.localstack.server_names import PROMETHEUS

RULES = PROJECT_FOLDER / "dashboards" / "prometheus" / "rules.yml"
RETENTION = "15d"
"""As in Compose; a series of one number every 15 s takes some 100 kB in that time."""


class PrometheusServer(Server):
    name = PROMETHEUS
    is_optional = True
    start_timeout_s = 60.0
    """It reads what it wrote since its last block, two hours at most. `up` waits for it, though
    another program may have its name."""
    niceness = 5
    """Nobody waits for a scrape."""

    @property
    def ports(self) -> Mapping[int, str]:
        return {self.settings.ports.prometheus: "Prometheus"}

    def prepare(self) -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        # A copy: its user may not be able to enter the project's folder.
        shutil.copyfile(RULES, self.folder / "rules.yml")
        YAML().dump(self.configuration(), self._configuration_file)

    def configuration(self) -> dict[str, Any]:
        """Return what docker-compose's Prometheus is told, with the ports of this stack."""
        ports, host = self.settings.ports, self.settings.host
        flink = [
            ports.jobmanager_metrics,
            *(ports.taskmanager_metrics_of(n + 1) for n in range(self.settings.task_managers)),
        ]
        services = [ports.run_metrics, ports.notify_metrics, ports.serve_metrics]
        jobs = {
            "flink": flink,
            "services": services,
            # Not among the services that are to run: it ends while nobody needs it.
            "pictures": [ports.pictures_metrics],
            "prometheus": [ports.prometheus],
        }
        return {
            "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [
                {
                    "job_name": job,
                    "static_configs": [{"targets": [f"{host}:{port}" for port in scraped]}],
                }
                for job, scraped in jobs.items()
            ],
        }

    def command(self) -> list[str]:
        return [
            shutil.which("prometheus") or "prometheus",
            f"--config.file={self._configuration_file}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--storage.tsdb.retention.time={RETENTION}",
            f"--web.listen-address={self.settings.host}:{self.settings.ports.prometheus}",
        ]

    def is_ready(self) -> bool:
        try:
            address = f"http://{self.settings.host}:{self.settings.ports.prometheus}/-/ready"
            return requests.get(address, timeout=1).ok
        except requests.RequestException:
            return False

    @property
    def _configuration_file(self) -> Path:
        return self.folder / "prometheus.yml"


def is_installed() -> bool:
    """Return whether there is a Prometheus to start."""
    return shutil.which("prometheus") is not None
