"""Growing a tree in tiles: any split into batches gives the same tree, and proofs from tiles verify."""

from hypothesis import given, settings
from hypothesis import strategies as st

from openroll import tlog


def grown(splits: list[int]) -> tuple[dict[tuple[int, int], bytes], list[bytes], bytes]:
    """A tree grown in batches of these sizes: its tiles, its leaf hashes and its root."""
    tiles: dict[tuple[int, int], bytes] = {}
    hashes: list[bytes] = []
    root = tlog.EMPTY_ROOT

    def read(level: int, index: int) -> bytes:
        return tiles[level, index]

    for count in splits:
        batch = [tlog.leaf_hash(b"%d" % n) for n in range(len(hashes), len(hashes) + count)]
        growth = tlog.grow(len(hashes), lambda level, index, _: read(level, index), batch)
        tiles.update({(level, index): data for level, index, _, data in growth.tiles})
        hashes += batch
        root = growth.root
    return tiles, hashes, root


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=6), st.data())
def test_any_split_gives_the_tree_and_its_proofs(splits: list[int], data: st.DataObject) -> None:
    """However entries come in batches, the root is RFC 6962's, and both kinds of proof from tiles verify."""
    tiles, hashes, root = grown(splits)
    size = len(hashes)
    assert root == tlog.root_of(hashes)
    if not size:
        return

    def read(level: int, index: int, width: int) -> bytes:
        return tiles[level, index][: 32 * width]

    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    tlog.verify_inclusion(hashes[index], index, size, tlog.inclusion_proof(read, size, index), root)
    proof = tlog.consistency_proof(read, old, size)
    tlog.verify_consistency(old, size, proof, tlog.root_of(hashes[:old]), root)
    assert tlog.root_at(read, size) == root


def test_a_third_level_of_tiles_is_reached() -> None:
    """Past 65,536 entries a third level begins, and the root still is the root of the leaves."""
    tiles, hashes, root = grown([65_536, 300])
    assert {level for level, _ in tiles} == {0, 1, 2}
    assert root == tlog.root_of(hashes)


@given(st.integers(0, 2**62), st.integers(1, 256), st.none() | st.integers(0, 63))
def test_paths_are_read_back(index: int, width: int, level: int | None) -> None:
    """Every tile's path is read back as what it names."""
    if index >= 10**18:
        index //= 1000
    path = tlog.bundle_path(index, width) if level is None else tlog.tile_path(level, index, width)
    assert tlog.parse_tile_path(path) == tlog.TilePath(level, index, width)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundles_are_read_back(entries: list[bytes]) -> None:
    """A bundle gives back its entries."""
    assert tlog.decode_bundle(tlog.encode_bundle(entries)) == entries


@given(
    st.sampled_from(["a/1", "b.c/2"]), st.dates(), st.binary(min_size=32, max_size=32), st.none() | st.text(min_size=1)
)
def test_entries_are_read_back_and_many_equal_one(kind: str, day: object, commitment: bytes, act: str | None) -> None:
    """An entry is read back, and encoding many gives what encoding one gives."""
    entry = tlog.Entry(kind, str(day), commitment, act)
    assert tlog.Entry.parse(entry.encode()) == entry
    plain = entry._replace(act=None)
    assert tlog.encode_entries([kind], [str(day)], [commitment]) == [plain.encode()]
