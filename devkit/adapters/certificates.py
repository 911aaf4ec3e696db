"""The certificate by which Stripe's stand-in may call itself api.stripe.com, within one instance.

Each instance has an authority of its own, which can vouch for that one name only. Its key is thrown away once it has
signed the one certificate, so that nobody can sign another: what is renewed is both together.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.core.atomic import write_atomically
from devkit.core.instance import cannot_write

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder, KeyUsage, Name

NAME = "api.stripe.com"
AUTHORITY_FILE = "offline-ca.pem"
SERVER_FILE = "offline-server.pem"
# The name of the authority's file in a folder of certificates: OpenSSL looks it up by this hash of the subject below.
AUTHORITY_LINK = "f56ae1cd.0"

_SUBJECT = "devkit offline CA"
_VALID = timedelta(days=824)  # the longest that clients take is 825
_RENEWED = timedelta(days=30)  # before the end
_CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True)
class Certificates:
    """authority: the file with the certificate that clients must trust, which is no secret.

    server: the file with the server's certificate and its key, in PEM form
    """

    authority: Path
    server: Path

    @property
    def authority_text(self) -> str:
        return self.authority.read_text("ascii")


def offline_certificates(folder: Path, *, now: datetime | None = None) -> Certificates:
    """Those in the folder; they are made where they are missing, damaged or within 30 days of their end.

    Raises DevkitError where the folder cannot be written to.
    """
    found = Certificates(folder / AUTHORITY_FILE, folder / SERVER_FILE)
    moment = now or datetime.now(UTC)
    if not _good(found, moment):
        _make(found, moment)
    return found


def _good(found: Certificates, now: datetime) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        authority = x509.load_pem_x509_certificate(found.authority.read_bytes())
        content = found.server.read_bytes()
        server, key = x509.load_pem_x509_certificate(content), load_pem_private_key(content, None)
        server.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    lasting = all(now + _RENEWED < one.not_valid_after_utc for one in (authority, server))
    return lasting and server.public_key() == key.public_key()


def _make(wanted: Certificates, now: datetime) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, now)
    server = _server(NAME, key, authority, authority_key, now)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        write_atomically(wanted.authority, authority.public_bytes(Encoding.PEM))
        write_atomically(wanted.server, private + server.public_bytes(Encoding.PEM))
    except OSError as error:
        raise cannot_write(wanted.authority, error) from error


def _authority(key: "EllipticCurvePrivateKey", now: datetime) -> "Certificate":
    """Signed by itself; good for one name, no address, and no authority below it."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    addresses = [x509.IPAddress(ip_network(every)) for every in ("0.0.0.0/0", "::/0")]
    subject = _named(_SUBJECT)
    return (
        _dated(x509.CertificateBuilder(), now)
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints([x509.DNSName(NAME)], addresses), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _server(
    name: str,
    key: "EllipticCurvePrivateKey",
    authority: "Certificate",
    authority_key: "EllipticCurvePrivateKey",
    now: datetime,
) -> "Certificate":
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import ExtendedKeyUsageOID

    return (
        _dated(x509.CertificateBuilder(), now)
        .subject_name(_named(name))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, SHA256())
    )


def _dated(builder: "CertificateBuilder", now: datetime) -> "CertificateBuilder":
    from cryptography import x509

    begin = now - _CLOCKS_DIFFER
    dated = builder.not_valid_before(begin).not_valid_after(begin + _VALID)
    return dated.serial_number(x509.random_serial_number())


def _named(name: str) -> "Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs_certificates: bool) -> "KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
