"""Checks the public log of a city: signatures of tree heads, that records are in it, that it only grew.

Written from RFC 9162 (sections 2.1.3.2 and 2.1.4.2), https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint, and from
nothing else: it shares no code with the program whose log it checks. Needs Python 3.9 and the package `cryptography`.

    verify.py key URL                               print the public key of the log at URL; keep it, and compare it with others'
    verify.py follow URL --key KEY --state FILE     check the newest head against the one kept in FILE, then keep the newest
    verify.py credential URL ID --key KEY           check that a certificate is in the log

Exit status 0 and "true: ..." if all holds, 1 and "FALSE: ..." if something is forged, 2 if the log cannot be asked.
"""

import argparse
import base64
import binascii
import hashlib
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Forged(Exception):
    """Something does not hold; the text says what."""


def decode(text, length=None):
    """Base64 in its one right spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Forged(f"{text!r} is no base64") from error
    if base64.b64encode(data).decode() != text:
        raise Forged(f"{text!r} is not the one spelling of its bytes")
    if length is not None and len(data) != length:
        raise Forged(f"{text!r} has {len(data)} bytes instead of {length}")
    return data


# Signed notes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A verifier key: name, four bytes of id, public key."""

    name: str
    id: bytes
    public: bytes

    @staticmethod
    def read(text):
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not parts[0]:
            raise Forged("not a verifier key: name+id+key is expected")
        name, spelled, encoded = parts
        data = decode(encoded)
        if len(data) != 33 or data[0] != ED25519:
            raise Forged("not an Ed25519 key")
        digest = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        if digest.hex() != spelled:
            raise Forged("the id does not belong to the key")
        return Key(name, digest, data[1:])


def open_note(note, key):
    """The text of a note that this key signed."""
    cut = note.rfind("\n\n")
    if cut < 0 or not note.endswith("\n"):
        raise Forged("not a signed note")
    text, lines = note[: cut + 1], note[cut + 2 :].split("\n")[:-1]
    if not lines or any(ord(c) < 32 and c != "\n" for c in note):
        raise Forged("not a signed note")
    ours = 0
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not parts[1]:
            raise Forged("a line after the text is no signature")
        data = decode(parts[2])
        if len(data) < 5:
            raise Forged("a signature is too short")
        if parts[1] != key.name or data[:4] != key.id:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(data[4:], text.encode())
        except InvalidSignature as error:
            raise Forged("the signature does not belong to the text") from error
        ours += 1
    if not ours:
        raise Forged(f"not signed by the key of {key.name}")
    return text


@dataclass(frozen=True)
class Head:
    """A tree head: origin, size, root, and the further lines."""

    origin: str
    size: int
    root: bytes
    extra: tuple


def open_head(note, key):
    """The tree head in a note that this key signed."""
    lines = open_note(note, key).split("\n")[:-1]
    if len(lines) < 3 or any(not line for line in lines):
        raise Forged("not a tree head")
    if lines[0] != key.name:
        raise Forged("the head is of another log than the key")
    if not (lines[1].isascii() and lines[1].isdigit()) or str(int(lines[1])) != lines[1]:
        raise Forged("the size is no number")
    head = Head(lines[0], int(lines[1]), decode(lines[2], 32), tuple(lines[3:]))
    if head.size == 0 and head.root != EMPTY_ROOT:
        raise Forged("a tree without leaves has another root")
    return head


# Merkle tree ----------------------------------------------------------------------------------------------------------


def leaf_hash(record):
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_inclusion(leaf, index, size, proof, root):
    """RFC 9162, section 2.1.3.2."""
    if index < 0 or index >= size:
        raise Forged("the leaf lies outside of the tree")
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            raise Forged("the inclusion proof is too long")
        if fn % 2 == 1 or fn == sn:
            r = node_hash(p, r)
            if fn % 2 == 0:
                while fn % 2 == 0 and fn != 0:
                    fn >>= 1
                    sn >>= 1
        else:
            r = node_hash(r, p)
        fn >>= 1
        sn >>= 1
    if sn != 0:
        raise Forged("the inclusion proof is too short")
    if r != root:
        raise Forged("the leaf is not in the tree with this root")


def check_consistency(first, second, first_root, second_root, proof):
    """RFC 9162, section 2.1.4.2; with the two cases that it leaves out: equal sizes, and nothing before."""
    if first > second:
        raise Forged("the log shrank")
    if first == second:
        if first_root != second_root:
            raise Forged("two heads of one size have different roots")
        if proof:
            raise Forged("the consistency proof is too long")
        return
    if first == 0:
        if proof or first_root != EMPTY_ROOT:
            raise Forged("a tree without leaves has another root, or a proof")
        return
    if not proof:
        raise Forged("the consistency proof is empty")
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    fn, sn = first - 1, second - 1
    while fn % 2 == 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise Forged("the consistency proof is too long")
        if fn % 2 == 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            if fn % 2 == 0:
                while fn % 2 == 0 and fn != 0:
                    fn >>= 1
                    sn >>= 1
        else:
            sr = node_hash(sr, c)
        fn >>= 1
        sn >>= 1
    if sn != 0:
        raise Forged("the consistency proof is too short")
    if fr != first_root:
        raise Forged("the earlier root is not in the later tree: history was rewritten")
    if sr != second_root:
        raise Forged("the proof does not lead to the later root")


def hashes(texts):
    if not isinstance(texts, list):
        raise Forged("a proof is a list")
    return [decode(text, 32) for text in texts]


# A city ---------------------------------------------------------------------------------------------------------------


class City:
    """The addresses of a city's log, and checks of what they answer. Nothing that they say is believed without a proof."""

    def __init__(self, url, key=None):
        self.url = url.rstrip("/")
        self.key = key

    def get(self, path, **query):
        given = {name: value for name, value in query.items() if value is not None}
        address = f"{self.url}{path}" + (f"?{urllib.parse.urlencode(given)}" if given else "")
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.read().decode()

    def json(self, path, **query):
        return json.loads(self.get(path, **query))

    def head(self, size=None):
        return open_head(self.get("/log/head" if size is None else f"/log/heads/{size}"), self.key)

    def heads(self):
        """All heads, the newest first, and that each follows the one before it by its `previous` line."""
        path, heads = "/log/heads?limit=1000", []
        while path:
            page = self.json(path)
            for entry in page["heads"]:
                head = open_head(entry["note"], self.key)
                if head.size != entry["size"]:
                    raise Forged("the list and the note differ in size")
                heads.append(head)
            path = page["next"]
        for later, earlier in zip(heads, heads[1:]):
            if later.size <= earlier.size:
                raise Forged("the list of heads does not go down")
            if f"previous {base64.b64encode(earlier.root).decode()}" not in later.extra:
                raise Forged(f"head {later.size} does not follow head {earlier.size}")
        return heads

    def check_consistent(self, earlier, later):
        answer = self.json("/log/proof/consistency", **{"from": earlier.size, "to": later.size})
        check_consistency(earlier.size, later.size, earlier.root, later.root, hashes(answer["proof"]))

    def check_included(self, index, head):
        answer = self.json("/log/proof/inclusion", index=index, size=head.size)
        check_inclusion(decode(answer["leaf_hash"], 32), index, head.size, hashes(answer["proof"]), head.root)

    def credential(self, ident):
        return self.json(f"/log/credentials/{ident}")

    def check_credential(self, ident, answer):
        """That this answer proves that the certificate with this id was issued and is in the log."""
        head = open_head(answer["head"], self.key)
        record = answer["leaf_input"]
        fields = json.loads(record)
        (home, _, _, subject, version, _), (_, kind, _, _), (payload, _) = fields
        named = json.loads(payload)
        if kind != "credentials.issued.v1" or version != 1 or subject != f"credential:{home}/{ident}":
            raise Forged("the record is not the issue of this certificate")
        if named["credential_id"] != ident or named["person_id"] != home:
            raise Forged("the record names another certificate")
        proof = hashes(answer["proof"])
        check_inclusion(leaf_hash(record.encode()), answer["index"], head.size, proof, head.root)
        return head, named


def follow(city, state):
    """Checks the newest head against the kept one; keeps the newest."""
    newest = city.get("/log/head")
    head = open_head(newest, city.key)
    said = f"{head.size} records"
    if os.path.exists(state):
        with open(state, encoding="utf-8") as file:
            kept = open_head(file.read(), city.key)
        if kept.size > head.size:
            raise Forged(f"the log shrank from {kept.size} to {head.size}")
        city.check_consistent(kept, head)
        said += f", of which the first {kept.size} are those of the kept head"
    part = f"{state}.part"
    with open(part, "w", encoding="utf-8", newline="") as file:
        file.write(newest)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, state)
    return said


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("key", "follow", "credential"):
        command = commands.add_parser(name)
        command.add_argument("url")
        if name == "credential":
            command.add_argument("id")
        if name != "key":
            command.add_argument("--key", required=True)
        if name == "follow":
            command.add_argument("--state", required=True)
    given = parser.parse_args(arguments)
    try:
        if given.command == "key":
            print(City(given.url).json("/log/key")["note_key"])
            return 0
        city = City(given.url, Key.read(given.key))
        if given.command == "follow":
            print(f"true: {follow(city, given.state)}")
        else:
            head, named = city.check_credential(given.id, city.credential(given.id))
            print(f"true: issued at {named['org_id']} for {named['minutes']} minutes, among {head.size} records")
        return 0
    except (Forged, KeyError, TypeError, ValueError) as error:
        print(f"FALSE: {error}")
        return 1
    except (urllib.error.URLError, OSError) as error:
        print(f"the log cannot be asked: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
