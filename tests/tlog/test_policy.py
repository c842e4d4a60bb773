"""Trust policies: read exactly, written back, and counted as a plain count over all witnesses would."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openroll.tlog import Group, Malformed, Policy, Signer, TlogError, format_policy, parse_policy
from openroll.tlog.note import COSIGNATURE, ED25519, Verifier

LOG = Signer.from_seed("log.example/roll", b"l" * 32, "ed25519").verifier_key
KEYS = [Signer.from_seed(f"w{n}.example", bytes([n]) * 32, "cosignature").verifier_key for n in range(8)]
PQ = Signer.from_seed("w0.example", b"q" * 32, "ml-dsa-44").verifier_key
EXAMPLE = f"""log {LOG}

witness X1 {KEYS[1]}
witness X2 {KEYS[2]}
witness X3 {KEYS[3]}
group X-witnesses 2 X1 X2 X3

witness Y1 {KEYS[4]}
witness Y2 {KEYS[5]}
witness Y3 {KEYS[6]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")


def test_the_example_of_the_specification() -> None:
    """tlog-policy's own example: two of the X-witnesses and one of the Y-witnesses, and no other set, are enough."""
    policy = parse_policy(EXAMPLE.encode())
    assert policy.groups[0] == Group("X-witnesses", 2, ("X1", "X2", "X3"))
    assert [one.threshold for one in policy.groups] == [2, 1, 2]
    for count in range(7):
        for names in itertools.combinations(NAMES, count):
            enough = sum(name[0] == "X" for name in names) >= 2 and any(name[0] == "Y" for name in names)
            assert policy.satisfied(names) == enough
            assert bool(policy.shortfalls(names)) != enough


def test_what_is_missing_is_said_from_the_quorum_down() -> None:
    """A quorum that is not reached names each group that lacks something, with who counts and who does not."""
    said = [str(one) for one in parse_policy(EXAMPLE.encode()).shortfalls(["X1", "Y2", "Z"])]
    assert said == [
        "X-and-Y asks for 2: it has Y-witnesses, and lacks X-witnesses",
        "X-witnesses asks for 2: it has X1, and lacks X2, X3",
    ]
    alone = parse_policy(f"witness w {KEYS[0]}\nquorum w\n".encode())
    assert [str(one) for one in alone.shortfalls([])] == ["w has not cosigned"]


def test_a_name_counts_once_and_an_unknown_one_never() -> None:
    """Neither a name said twice nor one that the policy does not define helps the quorum; a group's own name neither."""
    policy = parse_policy(f"witness a {KEYS[0]}\nwitness b {KEYS[1]}\ngroup g all a b\nquorum g\n".encode())
    assert not policy.satisfied(["a", "a"])
    assert not policy.satisfied(["a", "c"])
    assert not policy.satisfied(["g"])
    assert policy.satisfied(["b", "a"])


GOOD = {
    "the shortest": "quorum none",
    "white space, comments and a last line without newline": (
        f"\n# c\n\t # d\n\twitness \t w1  {KEYS[0]}   https://w/  \n\n  quorum\tw1"
    ),
    "words of the format as names": f"witness all {KEYS[0]}\nwitness any {KEYS[1]}\ngroup group 2 all any\nquorum group\n",
    "two keys of one witness": f"witness e {KEYS[0]} https://w\nwitness q {PQ} https://w\ngroup w any e q\nquorum w\n",
    "a quorum before other lines": f"quorum none\nwitness w {KEYS[0]}\nlog {LOG} https://l\n",
    "a quorum that is also a member": f"witness w {KEYS[0]}\ngroup g any w\nquorum w\n",
    "one key as a log and, in another kind, as a witness": (
        f"log {LOG}\nwitness w {Verifier('w', COSIGNATURE, Verifier.parse(LOG).public)}\nquorum none\n"
    ),
}


@pytest.mark.parametrize("what", GOOD)
def test_what_the_specification_allows_is_read(what: str) -> None:
    """Everything that tlog-policy allows is read, and reads the same once it was written back."""
    policy = parse_policy(GOOD[what].encode())
    again = parse_policy(format_policy(policy))
    assert format_policy(again) == format_policy(policy)
    assert (again.groups, again.quorum) == (policy.groups, policy.quorum)


def test_names_are_octets() -> None:
    """K, the Kelvin sign, and octets that are no UTF-8 are three names, kept exactly."""
    names = [b"K", b"\xe2\x84\xaa", b"\xff\x80"]
    lines = [b"witness %s %s https://\xfe" % (name, key.encode()) for name, key in zip(names, KEYS, strict=False)]
    data = b"\n".join([*lines, b"group \xc3( 1 " + b" ".join(names), b"quorum \xc3("]) + b"\n"
    policy = parse_policy(data)
    assert len({one.name for one in policy.witnesses}) == 3
    assert format_policy(policy) == data.replace(b"( 1 ", b"( any ")
    assert [str(one) for one in policy.shortfalls([])] == [
        "\ufffd( asks for 1: it has none, and lacks K, \u212a, \ufffd\ufffd"
    ]


W = f"witness w {KEYS[0]}\n"
SAME = Verifier("impostor", COSIGNATURE, Verifier.parse(KEYS[0]).public)
BAD = {
    "": "no quorum line",
    W: "no quorum line",
    f"{W}quorum none\nquorum none\n": "line 3 .* second quorum",
    "quorum none\n\x01": "line 2 .* octet 0x01",
    "quorum none\r\n": "line 1 .* octet 0x0D.*LF alone",
    "quorum none\n# \x7f": "line 2 .* octet 0x7F",
    "quorum none\n\x00": "line 2 .* octet 0x00",
    "quibble w\nquorum none\n": "line 1 .* begins with 'quibble'",
    "Log x\nquorum none\n": "begins with 'Log'",
    "log\nquorum none\n": "line 1 .* log <vkey>",
    f"log {LOG} u v\nquorum none\n": "line 1 .* log <vkey>",
    "log rubbish\nquorum none\n": "line 1 .* cannot be used",
    f"log {LOG}\nlog {LOG} u\nquorum none\n": "line 2 .* stands in the policy already",
    f"log {LOG}\nlog {Verifier('other', ED25519, Verifier.parse(LOG).public)}\nquorum none\n": "line 2 .* stands in the policy",
    "witness w\nquorum none\n": "line 1 .* witness <name>",
    f"witness w {KEYS[0]} u #\nquorum none\n": "line 1 .* witness <name>",
    f"witness w {LOG}\nquorum none\n": "line 1 .* kind 01; a witness",
    f"{W}witness v {SAME}\nquorum none\n": "line 2 .* whose key stands",
    f"{W}witness w {KEYS[1]}\nquorum none\n": "line 2 .* defines w a second time",
    f"witness none {KEYS[0]}\nquorum none\n": "line 1 .* name none",
    f"{W}group none any w\nquorum none\n": "line 2 .* name none",
    f"{W}group w any w\nquorum w\n": "line 2 .* defines w a second time",
    f"{W}group g any\nquorum w\n": "line 2 .* group <name>",
    f"{W}group g any v\nquorum w\n": "line 2 .* names v, which no line before",
    f"group g any w\n{W}quorum w\n": "line 1 .* names w, which no line before",
    f"{W}group g any g\nquorum w\n": "line 2 .* names g, which no line before",
    f"{W}group g any w none\nquorum w\n": "line 2 .* names none, which no line before",
    f"{W}group g all w w\nquorum w\n": "line 2 .* member already",
    f"{W}group g all w\ngroup h all w\nquorum w\n": "line 3 .* member already",
    **{
        f"{W}group g {k} w\nquorum g\n": "line 2 .* whole number from 1 to 1"
        for k in ("0", "2", "-1", "01", "1.0", "+1", "ALL", "9" * 9999)
    },
    f"{W}group g \u0661 w\nquorum g\n": "line 2 .* whole number",
    "quorum\n": "line 1 .* quorum <name>",
    "quorum a b\n": "line 1 .* quorum <name>",
    "quorum w\n": "line 1 .* names w, which no line before",
    f"quorum w\n{W}": "line 1 .* names w, which no line before",
    f"log {LOG[:-4]}AAA=\nquorum none\n": "line 1 .* cannot be used",
    f"witness w \u00a0{KEYS[0]}\nquorum none\n": "line 1 .* cannot be used",
    f"log {PQ}\nwitness w {PQ}\nquorum none\n": "line 2 .* name and id of the one on line 1",
}


@pytest.mark.parametrize("text", BAD)
def test_what_the_specification_forbids_is_refused_by_its_line(text: str) -> None:
    """Whatever tlog-policy does not allow is refused, with the number of the line and what is wrong there."""
    with pytest.raises(Malformed, match=BAD[text]):
        parse_policy(text.encode())


def test_a_key_named_in_no_text_is_refused() -> None:
    """A key's name is UTF-8, though a witness's name need not be."""
    with pytest.raises(Malformed, match=r"line 1 .* not UTF-8"):
        parse_policy(b"log \xff" + LOG.encode() + b"\nquorum none\n")


def test_a_policy_of_many_is_read() -> None:
    """Far more logs, witnesses and groups than the 32 of each that tlog-policy recommends are read, nested as deep."""
    keys = [Signer(f"w{n}", COSIGNATURE, n.to_bytes(32)).verifier for n in range(300)]
    lines = [f"witness w{n} {key}" for n, key in enumerate(keys)]
    lines += [f"group g{n} all w{n} g{n - 1}" if n else "group g0 all w0" for n in range(300)]
    policy = parse_policy("\n".join([*lines, "quorum g299"]).encode())
    everyone = [f"w{n}" for n in range(300)]
    assert policy.satisfied(everyone)
    assert len(policy.shortfalls(everyone[1:])) == 300


@st.composite
def policies(draw: st.DrawFn) -> bytes:
    """Policies of up to eight witnesses in nested groups."""
    count = draw(st.integers(0, 8))
    lines = [f"witness w{n} {KEYS[n]}" for n in range(count)]
    free = [f"w{n}" for n in range(count)]
    for number in range(draw(st.integers(0, 4))):
        if not free:
            break
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        asked = draw(st.sampled_from(["any", "all"]) | st.integers(1, len(members)).map(str))
        lines.append(f"group g{number} {asked} {' '.join(members)}")
        free = [name for name in free if name not in members] + [f"g{number}"]
    quorum = draw(st.sampled_from([*free, "none"]))
    return "\n".join([*lines, f"quorum {quorum}", ""]).encode()


def counted(policy: Policy, name: str, cosigned: set[str]) -> bool:
    """The definition, read from the top: a witness cosigned, or enough of a group's members count."""
    group = next((one for one in policy.groups if one.name == name), None)
    if group is None:
        return name in cosigned
    return sum(counted(policy, member, cosigned) for member in group.members) >= group.threshold


@settings(max_examples=200, deadline=None)
@given(policies(), st.sets(st.integers(0, 8)))
def test_a_quorum_is_counted_as_it_is_defined(data: bytes, numbers: set[int]) -> None:
    """Counting up from the witnesses agrees with asking down from the quorum, and more cosignatures never hurt."""
    policy = parse_policy(data)
    cosigned = {f"w{n}" for n in numbers}
    reached = policy.satisfied(cosigned)
    assert reached == (policy.quorum == "none" or counted(policy, policy.quorum, cosigned))
    assert (policy.shortfalls(cosigned) == ()) == reached
    assert policy.satisfied({f"w{n}" for n in range(9)})
    assert not reached or policy.satisfied(cosigned | {"w0"})
    assert format_policy(parse_policy(format_policy(policy))) == format_policy(policy)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_file_gives_anything_but_a_policy_or_the_one_family(data: st.DataObject) -> None:
    """Random octets, and the example with octets exchanged, give a policy or a TlogError, never anything else."""
    whole = EXAMPLE.encode()
    cut = data.draw(st.integers(0, len(whole)))
    inserted = data.draw(st.binary(max_size=30) | st.sampled_from([b"none", b"\n", b" ", b"group g any X1\n", b"\xff"]))
    mutated = data.draw(
        st.sampled_from([whole[:cut] + inserted + whole[cut + data.draw(st.integers(0, 30)) :], inserted])
    )
    try:
        parse_policy(mutated)
    except TlogError:
        return


def test_a_policy_is_at_most_a_million_bytes() -> None:
    """A file of any size is refused before it is read."""
    with pytest.raises(Malformed, match="a million bytes"):
        parse_policy(b"#" * 1_000_001)
