"""The cluster's own certificate authority and what it certifies."""

import subprocess


def openssl(*words, text=None):
    subprocess.run(["openssl", *map(str, words)], input=text, text=True, check=True, capture_output=True)


class Authority:
    """An authority in a folder; each certificate is NAME.crt with NAME.key beside it."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = folder / "ca.crt"

    def create(self):
        self.folder.mkdir(parents=True)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                "-subj", "/CN=cluster authority", "-keyout", self.folder / "ca.key", "-out", self.certificate,
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        openssl("genrsa", "-out", self.folder / "accounts.key", "2048")
        openssl("rsa", "-in", self.folder / "accounts.key", "-pubout", "-out", self.folder / "accounts.pub")

    def certify(self, name, subject, *alternatives):
        """Certifies `subject` (`/O=group/CN=user`), as a client and, with alternative names, as a server."""
        key, request, certificate = (self.folder / f"{name}.{ending}" for ending in ("key", "csr", "crt"))
        extensions = self.folder / f"{name}.ext"
        names = f"subjectAltName={','.join(alternatives)}\n" if alternatives else ""
        extensions.write_text(f"{names}extendedKeyUsage=clientAuth,serverAuth\nbasicConstraints=CA:FALSE\n")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", subject,
                "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.folder / "ca.key",
                "-CAcreateserial", "-days", "30", "-extfile", extensions, "-out", certificate)
        return certificate, key
