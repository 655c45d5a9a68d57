import subprocess

from pycturestream.localstack.java import java_home
from pycturestream.localstack.loopback import loopback_options, write_loopback_class

LISTEN = """
class Listen {
    public static void main(String[] arguments) throws Exception {
        System.out.println(new java.net.InetSocketAddress(7));
    }
}
"""


def test_java_takes_a_port_without_an_address_for_loopback(tmp_path):
    # given
    (tmp_path / "Listen.java").write_text(LISTEN)
    write_loopback_class(tmp_path)
    # when
    said = subprocess.run(
        [java_home() / "bin" / "java", *loopback_options(tmp_path), tmp_path / "Listen.java"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    # then
    assert "127.0.0.1:7" in said
