"""What a run finds on this machine and makes for itself: tools, a certificate, files."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = ROOT / "bench/target"
JAVA = os.environ.get("HTTPKIT_JAVA", "java")
STORE_PASSWORD = "of-a-bench"  # bench and bench/peers know it, too
FILES = {"1k.bin": 1 << 10, "64k.bin": 1 << 16, "1m.bin": 1 << 20, "64k.txt": 1 << 16, "64k.txt.gz": 1 << 16}  # no load decodes it
FILES_MODIFIED = 1767225600  # seconds since 1970
FILES_MODIFIED_FIELD = "Thu, 01 Jan 2026 00:00:00 GMT"

# By the name that scenarios use: what to install on Debian.
PACKAGES = {"wrk": "wrk", "h2load": "nghttp2-client", "openssl": "openssl", "handshakes": "libssl-dev", "nginx": "nginx-light"}


class Unfit(Exception):
    """A server cannot do what a scenario asks; the message says why."""


def missing(tool):
    """Why that tool is not there; None if it is. `handshakes` is ours, and needs the headers of OpenSSL."""
    if tool != "handshakes":
        return None if shutil.which(tool) else f"{tool} is missing (Debian: {PACKAGES[tool]})"
    built = subprocess.run(
        f"cc -O2 -o {TARGET}/handshakes bench/handshakes.c -lssl -lcrypto".split(), cwd=ROOT, capture_output=True, text=True
    )
    if built.returncode == 0:
        return None
    if "openssl/ssl.h" in built.stderr:
        return f"the headers of OpenSSL are missing (Debian: {PACKAGES[tool]})"
    return f"bench/handshakes.c does not compile: {built.stderr.strip()}"


def make_certificate():
    """A key and a certificate for this run, as PEM and as PKCS #12, by the names of their placeholders."""
    folder = TARGET / "tls"
    folder.mkdir(parents=True, exist_ok=True)
    made = {"cert": folder / "cert.pem", "key": folder / "key.pem", "store": folder / "store.p12"}
    sign = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext"
    pack = f"openssl pkcs12 -export -name bench -passout pass:{STORE_PASSWORD}"
    for argv in (
        [*sign.split(), "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", made["key"], "-out", made["cert"]],
        [*pack.split(), "-in", made["cert"], "-inkey", made["key"], "-out", made["store"]],
    ):
        subprocess.run(argv, check=True, capture_output=True)
    return {name: str(path) for name, path in made.items()}


def make_files():
    """A folder of files whose times are the same in each run."""
    folder = TARGET / "files"
    folder.mkdir(parents=True, exist_ok=True)
    for name, length in FILES.items():
        (folder / name).write_bytes(b"x" * length)
        os.utime(folder / name, (FILES_MODIFIED, FILES_MODIFIED))
    return {"files": str(folder)}
