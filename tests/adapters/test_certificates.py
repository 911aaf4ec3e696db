"""Certificates that Python's TLS takes for api.stripe.com and for nothing else."""

import shutil
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from devkit.adapters import certificates
from devkit.adapters.certificates import AUTHORITY_LINK, NAME, offline_certificates
from devkit.core.errors import DevkitError

NOW = datetime.now(UTC)


def trusting(authority: Path) -> ssl.SSLContext:
    """As strict as Python gets."""
    context = ssl.create_default_context(cafile=str(authority))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def shake_hands(context: ssl.SSLContext, server_file: Path, name: str) -> None:
    """Raises SSLCertVerificationError where the client does not believe that it talks to `name`."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(server_file)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(back, there, server_hostname=name)
    server = serving.wrap_bio(there, back, server_side=True)
    done = set[str]()
    while len(done) < 2:
        for side, end in (("client", client), ("server", server)):
            try:
                end.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                pass


def test_a_client_that_trusts_the_authority_connects_to_that_name_alone(tmp_path):
    found = offline_certificates(tmp_path)
    shake_hands(trusting(found.authority), found.server, NAME)
    for other in ("files.stripe.com", "example.com", "stripe.com", "127.0.0.1"):
        with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid"):
            shake_hands(trusting(found.authority), found.server, other)


def test_nobody_else_believes_it(tmp_path):
    found = offline_certificates(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        shake_hands(ssl.create_default_context(), found.server, NAME)


def test_even_with_its_key_the_authority_could_not_vouch_for_another_name(tmp_path):
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificates._authority(authority_key, NOW)
    other = certificates._server("example.com", key, authority, authority_key, NOW)
    (tmp_path / "ca.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "server.pem").write_bytes(private + other.public_bytes(Encoding.PEM))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        shake_hands(trusting(tmp_path / "ca.pem"), tmp_path / "server.pem", "example.com")


def test_openssl_finds_the_authority_in_a_folder_under_its_name(tmp_path):
    found = offline_certificates(tmp_path)
    folder = tmp_path / "certs"
    folder.mkdir()
    shutil.copy(found.authority, folder / AUTHORITY_LINK)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(capath=str(folder))
    shake_hands(context, found.server, NAME)


def test_the_files_are_their_owners_and_stay_as_they_are(tmp_path):
    found = offline_certificates(tmp_path)
    content = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(content) == {found.authority, found.server}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in content)
    assert found.authority.name == "offline-ca.pem"
    assert "PRIVATE" not in found.authority_text
    assert offline_certificates(tmp_path) == found
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == content


def test_they_are_made_anew_when_a_month_is_left_and_not_before(tmp_path):
    found = offline_certificates(tmp_path, now=NOW)
    first = x509.load_pem_x509_certificate(found.authority.read_bytes())
    assert first.not_valid_after_utc - first.not_valid_before_utc < timedelta(days=825)
    end = first.not_valid_after_utc
    offline_certificates(tmp_path, now=end - timedelta(days=31))
    assert x509.load_pem_x509_certificate(found.authority.read_bytes()) == first
    offline_certificates(tmp_path, now=end - timedelta(days=29))
    later = x509.load_pem_x509_certificate(found.authority.read_bytes())
    assert later.not_valid_after_utc > end + timedelta(days=700)


@pytest.mark.parametrize("name", ["offline-ca.pem", "offline-server.pem"])
@pytest.mark.parametrize("harm", ["gone", "damaged", "of another instance"])
def test_what_does_not_fit_together_is_made_anew(tmp_path, name, harm):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for folder in (mine, theirs):
        folder.mkdir()
        offline_certificates(folder)
    if harm == "gone":
        (mine / name).unlink()
    elif harm == "damaged":
        (mine / name).write_text("-----BEGIN CERTIFICATE-----\nnonsense\n")
    else:
        shutil.copy(theirs / name, mine / name)
    found = offline_certificates(mine)
    shake_hands(trusting(found.authority), found.server, NAME)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(DevkitError, match="cannot write"):
        offline_certificates(tmp_path / "nowhere")
