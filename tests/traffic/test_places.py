"""Places and buckets in memory: what one source takes is not everyone's."""

from openroll.traffic import Bucket, Buckets, Places, networks


def test_one_source_never_holds_all_places() -> None:
    """An address, the network around it and everyone have bounds of their own; what is given back can be had again."""
    places = Places((2, 3), 5)
    near, beside, far = networks("203.0.113.1"), networks("203.0.113.2"), networks("198.51.100.1")
    assert [places.take(near) for _ in range(3)] == [True, True, False]
    assert [places.take(beside) for _ in range(2)] == [True, False]
    assert not places.crowded
    assert [places.take(far) for _ in range(3)] == [True, True, False]
    assert places.crowded
    places.leave(near)
    assert [places.take(networks("192.0.2.1")), places.take(networks("192.0.2.1"))] == [True, False]


def test_a_bucket_takes_all_or_nothing() -> None:
    """When one of several buckets is full none is filled, and the wait is that of the fullest."""
    seconds = [0.0]
    buckets = Buckets(lambda: seconds[0])
    wanted = [("a", Bucket(1, 10.0)), ("b", Bucket(5, 1.0))]
    assert buckets.take(wanted) == 0
    assert [buckets.take(wanted) for _ in range(9)] == [10.0] * 9
    assert [buckets.take([("b", Bucket(5, 1.0))]) for _ in range(5)] == [0, 0, 0, 0, 1.0]
    seconds[0] = 10.0
    assert buckets.wait(wanted) == 0
    assert buckets.take(wanted) == 0


def test_names_are_forgotten_and_not_those_in_use() -> None:
    """Only so many names are remembered; one that is used again and again stays full."""
    buckets = Buckets(lambda: 0.0, most=100)
    for n in range(1_000):
        wait = buckets.take([("busy", Bucket(3, 9.0))])
        buckets.take([(f"name {n}", Bucket(1, 1.0))])
    assert wait == 9.0
