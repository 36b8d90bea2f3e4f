"""Holds the log of a running city, and forgeries of it, against verify.py.

Usage: judge.py URL [CREDENTIAL]

What the city answers has to be accepted, every forgery refused. The last line is `N passed, N failed`.
"""

import base64
import copy
import json
import os
import random
import sys
import tempfile
import urllib.error

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import verify
from verify import City, Forged, Head, Key, leaf_hash, node_hash

passed = failed = 0


def expect(name, refused, work):
    """`refused` is whether the check has to refuse; a crash of the judge is neither."""
    global passed, failed
    try:
        work()
        outcome, words = "accepted", ""
    except Forged as reason:
        outcome, words = "refused", str(reason)
    except Exception as reason:  # noqa: BLE001 - whatever it is, it is a failure of this test
        outcome, words = "crashed", repr(reason)
    if outcome == ("refused" if refused else "accepted"):
        passed += 1
        print(f"ok      {name}: {outcome} {words}")
    else:
        failed += 1
        print(f"FAILED  {name} should be {'refused' if refused else 'accepted'}: {outcome} {words}")


def accept(name, work):
    expect(name, False, work)


def refuse(name, work):
    expect(name, True, work)


def b64(data):
    return base64.b64encode(data).decode()


class Forger:
    """Another log with a key of its own, and the means of one who has the right key but no honesty."""

    def __init__(self, name, seed):
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        digest = verify.hashlib.sha256(name.encode() + b"\n" + bytes([1]) + public).digest()[:4]
        self.text_key = f"{name}+{digest.hex()}+{b64(bytes([1]) + public)}"
        self.key = Key.read(self.text_key)

    def sign(self, text, ident=None):
        return f"{text}\n\u2014 {self.key.name} {b64((ident or self.key.id) + self.private.sign(text.encode()))}\n"

    def note(self, size, root):
        return self.sign(f"{self.key.name}\n{size}\n{b64(root)}\n")


def root(leaves):
    """MTH of RFC 9162, section 2.1.1, word for word."""
    if not leaves:
        return verify.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(root(leaves[:k]), root(leaves[k:]))


def subproof(m, leaves, whole):
    """SUBPROOF of RFC 9162, section 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return subproof(m, leaves[:k], whole) + [root(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [root(leaves[:k])]


def flipped(data, at=0):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def notes(city, note):
    key, stranger = city.key, Forger(city.key.name, 1)
    head = verify.open_head(note, key)
    accept("the newest head", lambda: verify.open_head(note, key))
    body, signature = note.split("\n\n")
    lines = body.split("\n")

    def changed(number, line):
        return "\n".join(lines[:number] + [line] + lines[number + 1 :]) + "\n\n" + signature

    refuse("a head with another size", lambda: verify.open_head(changed(1, str(head.size + 1)), key))
    refuse("a head with another root", lambda: verify.open_head(changed(2, b64(flipped(head.root))), key))
    refuse("a head with another time", lambda: verify.open_head(changed(3, "at 1"), key))
    refuse("a head of another log", lambda: verify.open_head(changed(0, "elsewhere"), key))
    refuse("a head without signature", lambda: verify.open_head(body + "\n", key))
    refuse("a head signed by a stranger of the same name", lambda: verify.open_head(stranger.sign(body + "\n"), key))
    refuse(
        "a stranger's signature under our key's id",
        lambda: verify.open_head(stranger.sign(body + "\n", key.id), key),
    )
    refuse("a signature cut short", lambda: verify.open_head(note[:-6] + "==\n", key))
    refuse("a line added between text and signature", lambda: verify.open_head(note.replace("\n\n", "\nmore\n\n"), key))
    foreign = f"{key.name}+{stranger.key.id.hex()}+{b64(bytes([verify.ED25519]) + key.public)}"
    refuse("a key with the id of another", lambda: Key.read(foreign))
    # Signed by the right key, and still not a head.
    ours = Forger("forger.example", 2)
    accept("the forger's own honest head", lambda: verify.open_head(ours.note(3, b"r" * 32), ours.key))
    refuse("a size with a leading zero", lambda: verify.open_head(ours.note("03", b"r" * 32), ours.key))
    refuse("a negative size", lambda: verify.open_head(ours.note(-3, b"r" * 32), ours.key))
    refuse("a root of 31 bytes", lambda: verify.open_head(ours.note(3, b"r" * 31), ours.key))
    refuse("an empty tree with a root", lambda: verify.open_head(ours.note(0, b"r" * 32), ours.key))
    return head


def inclusion(city, head):
    chance = random.Random(1)
    heads = city.heads()
    accept("the list of heads, each after the one before it", city.heads)

    def sample():
        for _ in range(200):
            at = chance.choice(heads)
            city.check_included(chance.randrange(at.size), at)
        for index in (0, head.size // 2, head.size - 1):
            city.check_included(index, head)

    accept("200 leaves drawn by lot in heads drawn by lot", sample)
    # An even number on the left of a full tree has a sibling at every level.
    index = head.size // 2 & ~1
    answer = city.json("/log/proof/inclusion", index=index, size=head.size)
    leaf, proof = verify.decode(answer["leaf_hash"]), verify.hashes(answer["proof"])

    def check(leaf=leaf, index=index, size=head.size, proof=proof, to=head.root):
        return lambda: verify.check_inclusion(leaf, index, size, proof, to)

    accept("a leaf", check())
    refuse("another leaf under the same proof", check(leaf=leaf_hash(b"forged")))
    refuse("a leaf at its neighbour's place", check(index=index + 1))
    refuse("a leaf outside of the tree", check(index=head.size))
    refuse("a proof of which one hash was changed", check(proof=[flipped(proof[0])] + proof[1:]))
    refuse("a proof without its last hash", check(proof=proof[:-1]))
    refuse("a proof with a hash too many", check(proof=proof + [b"x" * 32]))
    refuse("a proof turned round", check(proof=proof[::-1]))
    refuse("a proof to the root of another head", check(to=heads[-1].root if len(heads) > 1 else flipped(head.root)))
    # The node above our leaf offered as if it were a record: the prefixes of leaves and nodes keep them apart.
    refuse("an inner node as a record", check(leaf=leaf_hash(leaf + proof[0]), index=index // 2, proof=proof[1:]))
    return heads


def consistency(city, heads):
    chance = random.Random(2)

    def sample():
        for later, earlier in list(zip(heads, heads[1:]))[:100]:
            city.check_consistent(earlier, later)
        for _ in range(100):
            later, earlier = sorted(chance.choices(heads, k=2), key=lambda h: -h.size)
            city.check_consistent(earlier, later)

    accept("heads that follow each other, and pairs drawn by lot", sample)
    newest = heads[0]
    first = next(h for h in heads[1:] if h.size & (h.size - 1))
    answer = city.json("/log/proof/consistency", **{"from": first.size, "to": newest.size})
    proof = verify.hashes(answer["proof"])

    def check(a=first, b=newest, proof=proof):
        return lambda: verify.check_consistency(a.size, b.size, a.root, b.root, proof)

    accept("the first head and the newest", check())
    refuse("an earlier head with another root", check(a=Head(first.origin, first.size, flipped(first.root), ())))
    refuse("a later head with another root", check(b=Head(newest.origin, newest.size, flipped(newest.root), ())))
    refuse("a consistency proof with a changed hash", check(proof=proof[:-1] + [flipped(proof[-1])]))
    refuse("a consistency proof without its first hash", check(proof=proof[1:]))
    refuse("a consistency proof with a hash too many", check(proof=proof + [b"x" * 32]))
    refuse("an empty consistency proof", check(proof=[]))
    refuse("a log that shrank", check(a=newest, b=first))
    refuse("the proof for another size", check(a=Head(first.origin, first.size - 1, first.root, ())))
    other = Head(newest.origin, newest.size, flipped(newest.root), ())
    refuse("two roots for one size (split view)", check(a=newest, b=other, proof=[]))
    # The operator's own key signs another history: signatures hold, the proof cannot.
    forger = Forger("forger.example", 2)
    honest = [leaf_hash(bytes([n])) for n in range(13)]
    rewritten = [leaf_hash(b"rewritten")] + honest[1:]
    kept = verify.open_head(forger.note(9, root(honest[:9])), forger.key)
    for name, leaves, check in (("an honest continuation", honest, accept), ("a rewritten history under the right key", rewritten, refuse)):
        now = verify.open_head(forger.note(13, root(leaves)), forger.key)
        check(name, lambda now=now, leaves=leaves: verify.check_consistency(9, 13, kept.root, now.root, subproof(9, leaves, True)))


def follows(city, heads):
    with tempfile.TemporaryDirectory() as folder:
        state = os.path.join(folder, "head")
        accept("following from nothing", lambda: verify.follow(city, state))
        with open(state, "w", encoding="utf-8", newline="") as file:
            file.write(city.get(f"/log/heads/{heads[-1].size}"))
        accept("following from the first head", lambda: verify.follow(city, state))
        forger = Forger(city.key.name, 3)
        with open(state, "w", encoding="utf-8", newline="") as file:
            file.write(forger.note(1, b"r" * 32))
        refuse("following from a head that is not ours", lambda: verify.follow(city, state))


def credential(city, ident):
    answer = city.credential(ident)
    accept("a certificate", lambda: city.check_credential(ident, answer))

    def altered(name, change):
        forged = copy.deepcopy(answer)
        change(forged)
        refuse(name, lambda: city.check_credential(ident, forged))

    def record(old, new):
        def change(forged):
            assert old in forged["leaf_input"]
            forged["leaf_input"] = forged["leaf_input"].replace(old, new)

        return change

    minutes = json.loads(json.loads(answer["leaf_input"])[2][0])["minutes"]
    altered("a certificate with more minutes", record(f'minutes\\":{minutes}', f'minutes\\":{minutes + 45}'))
    altered("a certificate of another id", record(ident, "0" * 32))
    altered("a certificate at another place", lambda forged: forged.update(index=forged["index"] + 1))
    altered("a certificate under a head of ours that somebody changed", lambda forged: forged.update(head=forged["head"].replace("\nat ", "\nat 1")))
    refuse("another certificate's proof", lambda: city.check_credential("f" * 32, answer))


def refusals(city):
    """Questions that make no sense are refused as problem documents, whatever the asker accepts."""
    head = city.head()
    for path in (
        f"/log/proof/inclusion?index={head.size + 10**6}",
        f"/log/proof/inclusion?index=0&size={head.size + 10**6}",
        "/log/proof/inclusion?index=-1",
        "/log/proof/inclusion?fact=00000000000000000000000000000000",
        "/log/proof/inclusion",
        "/log/proof/consistency?from=9&to=8",
        "/log/proof/consistency?from=x",
        "/log/heads?before=x",
        "/log/heads/999999999999",
        f"/log/credentials/{'0' * 32}",
    ):

        def ask(path=path):
            try:
                city.get(path)
            except urllib.error.HTTPError as answer:
                problem = json.loads(answer.read())
                assert answer.headers["content-type"] == "application/problem+json", answer.headers
                assert 400 <= answer.code < 500 or answer.code == 503, answer.code
                raise Forged(f"{answer.code} {problem['code']}") from answer

        refuse(path, ask)


def main(url, ident=None):
    city = City(url)
    city.key = Key.read(city.json("/log/key")["note_key"])
    note = city.get("/log/head")
    head = notes(city, note)
    heads = inclusion(city, head)
    consistency(city, heads)
    follows(city, heads)
    if ident:
        credential(city, ident)
    refusals(city)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
