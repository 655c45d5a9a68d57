from pycturestream.domain.recent import CAMERAS, Recent


def test_what_was_set_longest_ago_makes_room():
    recent = Recent(2)
    recent["a"], recent["b"], recent["a"] = 1, 2, 3
    recent["c"] = 4
    assert dict(recent) == {"a": 3, "c": 4}


def test_a_million_names_are_not_remembered():
    recent = Recent()
    for number in range(3 * CAMERAS):
        recent[str(number)] = number
    assert len(recent) == CAMERAS
