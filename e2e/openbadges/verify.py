"""Checks an Open Badges 3.0 credential (VC-JWT) with openbadgeslib, a verifier that is not ours.

Usage: verify.py CREDENTIAL.jwt KEY

KEY is the issuer's public key, got from the issuer and not from the credential: a JWK in JSON, or PEM.
Exit status 0 and "valid: ..." if the credential is valid under this key, else 1 and "refused: ...".
"""

import json
import sys
from pathlib import Path

import jwt
from jwt.algorithms import OKPAlgorithm
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

# Open Badges 3.0, "Create the JOSE Header": additional headers are not allowed.
ALLOWED_HEADERS = {"alg", "kid", "jwk", "typ"}


class Refused(Exception):
    """The credential is not valid; the text says why."""


def read_key(path):
    text = path.read_text(encoding="utf-8")
    if not text.lstrip().startswith("{"):
        return text
    key = json.loads(text)
    if "d" in key:
        raise Refused("the key file holds a private key")
    return OKPAlgorithm.from_jwk(key)


def check_what_the_library_leaves_out(token, credential):
    """Requirements of the specification that openbadgeslib 4.6.0 does not check."""
    header = jwt.get_unverified_header(token)
    unknown = set(header) - ALLOWED_HEADERS
    if unknown:
        raise Refused(f"headers that the specification does not allow: {sorted(unknown)}")
    if "kid" not in header and "jwk" not in header:
        raise Refused("the header has neither kid nor jwk")
    if "d" in header.get("jwk", {}):
        raise Refused("the header shows a private key")
    claims = credential.raw
    if claims.get("sub") is None:
        raise Refused("the claim sub is missing")
    if credential.issuance_date is None or credential.issuance_date.timestamp() != claims["nbf"]:
        raise Refused("the claim nbf is not validFrom")


def verify(token, key):
    try:
        credential = OB3Verifier(pubkey_pem=key).verify(token)
    except OB3VerificationError as error:
        raise Refused(str(error)) from error
    check_what_the_library_leaves_out(token, credential)
    return credential


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 1
    token_path, key_path = map(Path, arguments)
    try:
        credential = verify(token_path.read_text(encoding="ascii").strip(), read_key(key_path))
    except (Refused, OSError, ValueError, jwt.PyJWTError) as error:
        print(f"refused: {error}")
        return 1
    print(f"valid: {credential.name} / {credential.issuer.name} / {credential.id}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
