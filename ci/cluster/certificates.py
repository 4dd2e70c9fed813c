"""The cluster's own certificate authority and what it certifies."""

import subprocess
from pathlib import Path

ELLIPTIC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


class Authority:
    """An authority in a folder; each certificate is NAME.crt with NAME.key beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate = folder / "ca.crt"

    def create(self) -> None:
        self.folder.mkdir(parents=True)
        key, accounts = self.folder / "ca.key", self.folder / "accounts.key"
        usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
        subject = ("-days", "30", "-subj", "/CN=cluster authority")
        openssl("req", "-x509", *ELLIPTIC, *subject, "-keyout", key, "-out", self.certificate, *usage)
        openssl("genrsa", "-out", accounts, "2048")
        openssl("rsa", "-in", accounts, "-pubout", "-out", self.folder / "accounts.pub")

    def certify(self, name: str, subject: str, *alternatives: str, days: int = 30) -> tuple[Path, Path]:
        """Certifies `subject` (`/O=group/CN=user`), as a client and, with alternative names, as a server. Zero
        days make a certificate that expires as it is made.

        Gives the certificate and its key."""
        key, request, certificate = (self.folder / f"{name}.{ending}" for ending in ("key", "csr", "crt"))
        extensions = self.folder / f"{name}.ext"
        names = f"subjectAltName={','.join(alternatives)}\n" if alternatives else ""
        extensions.write_text(f"{names}extendedKeyUsage=clientAuth,serverAuth\nbasicConstraints=CA:FALSE\n")
        openssl("req", "-new", *ELLIPTIC, "-subj", subject, "-keyout", key, "-out", request)
        issuer = ("-CA", self.certificate, "-CAkey", self.folder / "ca.key", "-CAcreateserial")
        openssl(
            "x509", "-req", "-in", request, *issuer, "-days", str(days), "-extfile", extensions, "-out", certificate
        )
        return certificate, key
