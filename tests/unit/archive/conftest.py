from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pycturestream.archive.archive import Archive
from pycturestream.archive.folder import FolderStorage
from pycturestream.archive.object_store import ObjectStorage
from pycturestream.archive.storage import Storage

BUCKET = "pictures"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_REGION": "eu-central-1",
}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server of this test run."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_server, monkeypatch) -> Iterator[str]:
    """The address of an empty bucket, with what reaches it in the environment."""
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": s3_server}.items():
        monkeypatch.setenv(name, value)
    bucket = boto3.resource(
        "s3",
        endpoint_url=s3_server,
        region_name=CREDENTIALS["AWS_REGION"],
        aws_access_key_id="tests",
        aws_secret_access_key="tests",  # noqa: S106 - the server takes any
    ).Bucket(BUCKET)
    bucket.create(CreateBucketConfiguration={"LocationConstraint": CREDENTIALS["AWS_REGION"]})
    yield f"s3://{BUCKET}/cameras/archive"
    bucket.objects.delete()
    bucket.delete()


@pytest.fixture(params=["folder", "s3"])
def storage(request, tmp_path) -> Storage:
    if request.param == "folder":
        return FolderStorage(str(tmp_path / "archive"))
    return ObjectStorage(request.getfixturevalue("s3"), 5_000)


@pytest.fixture
def archive(storage) -> Archive:
    return Archive(storage, 1_000_000)


@pytest.fixture
def folder_archive(tmp_path) -> Archive:
    return Archive(FolderStorage(str(tmp_path / "archive")), 1_000_000)
