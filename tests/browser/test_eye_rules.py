"""The page's rules without camera, voice and connection: its modules in a browser."""

from itertools import pairwise

import pytest


@pytest.fixture(scope="module")
def page(browser, _gateway):
    with browser.new_context(locale="en-GB").new_page() as page:
        page.goto(_gateway.address)
        yield page


@pytest.fixture
def rules(page):
    """Return what evaluates an expression with a module of the page as `rules`."""

    def evaluate(module, expression, argument=None):
        return page.evaluate(
            f"async (given) => {{ const rules = await import('/eye/{module}.js');"
            f" return {expression}; }}",
            argument,
        )

    return evaluate


class TestThePace:
    FOLD = "given.reduce(rules.paceAfter, rules.START)"

    def level(self, rules, round_trips):
        return rules("pace", self.FOLD, round_trips)["level"]

    def test_stays_on_a_fast_line(self, rules):
        assert self.level(rules, [200] * 50) == 0

    def test_gets_pictures_smaller_before_they_get_rarer(self, rules):
        levels = rules("pace", "rules.LEVELS")
        costs = [(each["intervals"], -each["side"], -each["quality"]) for each in levels]
        assert costs == sorted(costs)
        assert self.level(rules, [1500]) == 1
        assert self.level(rules, [5000]) == 2
        assert self.level(rules, [1500] * 50) == len(levels) - 1

    def test_recovers_step_by_step(self, rules):
        assert self.level(rules, [1500, 1500, *[200] * 4]) == 1
        assert self.level(rules, [1500, 1500, *[200] * 8]) == 0

    def test_does_not_change_between_slow_and_fast(self, rules):
        assert self.level(rules, [1500, *[800] * 50]) == 1

    def test_tries_again_later_each_time_that_a_try_fails(self, rules):
        # Only the second level is good enough: each picture of the first is slow.
        failures = rules(
            "pace",
            """(() => {
                let pace = rules.START;
                const failures = [];
                for (let picture = 0; picture < 300; picture += 1) {
                    if (pace.level < 2) failures.push(picture);
                    pace = rules.paceAfter(pace, pace.level < 2 ? 1500 : 200);
                }
                return failures;
            })()""",
        )
        gaps = [after - before for before, after in pairwise(failures)]
        assert gaps == sorted(gaps)
        assert max(gaps) > 60

    @pytest.mark.parametrize(
        ("round_trips", "times"),
        [
            ([1500] * 4, 0),
            ([1500] * 30, 1),
            ([5000] * 3, 1),
            ([*[1500] * 6, *[200] * 12, *[1500] * 3], 1),
            ([*[1500] * 6, *[200] * 100, *[1500] * 6], 2),
        ],
        ids=["still often", "rare", "without answer", "not good yet", "good in between"],
    )
    def test_a_line_is_called_slow_once_until_it_is_good_again(self, rules, round_trips, times):
        begins = """given.reduce(({ pace, slow, times }, trip) => {
            const next = rules.paceAfter(pace, trip);
            const now = rules.isSlow(next, trip, slow);
            return { pace: next, slow: now, times: times + (now && !slow) };
        }, { pace: rules.START, slow: false, times: 0 }).times"""
        assert rules("pace", begins, round_trips) == times

    def test_pictures_that_became_small_for_another_reason_make_no_slow_line(self, rules):
        assert not rules("pace", "rules.isSlow({ level: 6 }, 200, false)")

    @pytest.mark.parametrize(
        ("size", "limit", "expected"),
        [
            ((1280, 720), 640, [640, 360]),
            ((720, 1280), 640, [360, 640]),
            ((320, 240), 640, [320, 240]),
            ((4000, 1), 640, [640, 1]),
        ],
    )
    def test_sizes_keep_their_shape(self, rules, size, limit, expected):
        assert rules("pace", "rules.fitted(...given)", [*size, limit]) == expected

    def test_the_interval_is_never_shorter_than_the_gateways(self, rules):
        call = "rules.intervalMs({level: given[0]}, {interval_ms: 500}, given[1])"
        assert rules("pace", call, [0, 0]) == 500
        assert rules("pace", call, [0, 2000]) == 2000
        assert rules("pace", call, [6, 0]) == 2000


class TestSpeaking:
    NOW = 100_000

    def after(self, rules, *events, late=False):
        """Return the last step of a table: sentences as (name, priority, answer), or "finished"."""
        steps = """given.events.reduce((step, event) => event === "finished"
            ? rules.finished(step.state, given.now + given.late)
            : rules.received(step.state, event, given.now), {state: rules.SILENT})"""
        messages = [
            each
            if each == "finished"
            else {
                "text": each[0],
                "priority": each[1],
                "answer": each[2],
                "captured_at": self.NOW - (each[3] if len(each) > 3 else 0),
            }
            for each in events
        ]
        given = {"events": messages, "now": self.NOW, "late": 2_001 if late else 0}
        step = rules("speaking", steps, given)
        return {
            "speak": step["speak"] and step["speak"]["text"],
            "cancel": step["cancel"],
            "current": step["state"]["current"] and step["state"]["current"]["text"],
            "waiting": step["state"]["waiting"] and step["state"]["waiting"]["text"],
        }

    TOLD, OTHER = ("told", 0, False), ("other", 0, False)
    ANSWER = ("answer", 0, True)
    WARNING, DANGER = ("warning", 1, False), ("danger", 3, False)

    @pytest.mark.parametrize(
        ("events", "speak", "cancel", "current", "waiting"),
        [
            ([TOLD], "told", False, "told", None),
            ([TOLD, OTHER], None, False, "told", "other"),
            ([TOLD, OTHER, ("third", 0, False)], None, False, "told", "third"),
            ([TOLD, OTHER, "finished"], "other", False, "other", None),
            ([TOLD, "finished"], None, False, None, None),
            ([TOLD, ANSWER], "answer", True, "answer", None),
            ([TOLD, OTHER, DANGER], "danger", True, "danger", None),
            ([ANSWER, WARNING], "warning", True, "warning", None),
            ([DANGER, WARNING], None, False, "danger", "warning"),
            ([DANGER, WARNING, TOLD], None, False, "danger", "warning"),
            ([DANGER, ANSWER], None, False, "danger", "answer"),
            ([DANGER, ("danger again", 3, False)], "danger again", True, "danger again", None),
            ([("late", 3, True, 2_001)], None, False, None, None),
            ([("just in time", 0, False, 2_000)], "just in time", False, "just in time", None),
        ],
    )
    def test_rules(self, rules, events, speak, cancel, current, waiting):
        assert self.after(rules, *events) == {
            "speak": speak,
            "cancel": cancel,
            "current": current,
            "waiting": waiting,
        }

    def test_what_has_waited_too_long_is_dropped(self, rules):
        assert self.after(rules, self.TOLD, self.OTHER, "finished", late=True)["speak"] is None


class TestTheLens:
    FOLD = """given.reduce((state, [mean, deviation, at]) =>
        rules.lensAfter(state, {mean, deviation}, at), rules.OPEN).covered"""

    @pytest.mark.parametrize(
        ("measures", "covered"),
        [
            ([(3, 1, 0), (3, 1, 1_000)], False),
            ([(3, 1, 0), (3, 1, 2_000)], True),
            ([(3, 1, 0), (80, 40, 1_000), (3, 1, 2_000)], False),
            ([(20, 30, 0), (20, 30, 5_000)], False),  # a street at night has lights
            ([(3, 1, 0), (3, 1, 2_000), (28, 12, 2_500)], True),  # noise
            ([(3, 1, 0), (3, 1, 2_000), (80, 40, 2_500)], False),
        ],
    )
    def test_is_covered_after_two_dark_seconds(self, rules, measures, covered):
        assert rules("lens", self.FOLD, measures) is covered

    def test_brightness_is_that_of_the_eye(self, rules):
        measure = rules("lens", "rules.brightness([0, 0, 0, 255, 255, 255, 255, 255])")
        assert measure == {"mean": pytest.approx(127.5), "deviation": pytest.approx(127.5)}


class TestTheConnection:
    def test_pauses_grow_to_15_seconds_less_up_to_a_half(self, rules):
        call = "[0, 1, 2, 3, 4, 9].map((attempt) => rules.pauseBefore(attempt, given))"
        assert rules("connection", call, 0) == [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]
        assert rules("connection", call, 1) == [500, 1_000, 2_000, 4_000, 7_500, 7_500]

    def test_only_some_codes_are_final(self, rules):
        meanings = rules("connection", "given.map(rules.meaningOf)", [4401, 4409, 4410, 1006, 4429])
        assert meanings == ["invalid", "elsewhere", "idle", "lost", "lost"]

    def test_a_picture_has_its_times_before_it(self, rules):
        message = rules(
            "connection",
            "Array.from(new Uint8Array(await rules.pictureMessage("
            "1796000000123, 1796000000456, new Blob(['jpeg'])).arrayBuffer()))",
        )
        data = bytes(message)
        assert int.from_bytes(data[:8]) == 1_796_000_000_123
        assert int.from_bytes(data[8:16]) == 1_796_000_000_456
        assert data[16:] == b"jpeg"


class TestSettings:
    def test_the_browsers_language_counts_until_one_is_chosen(self, rules):
        call = "rules.checked(given.stored, given.own).language"
        assert rules("settings", call, {"stored": None, "own": ["pt-BR", "fr-CA", "de"]}) == "fr"
        assert rules("settings", call, {"stored": None, "own": ["pt-BR"]}) == "en"
        assert rules("settings", call, {"stored": {"language": "es"}, "own": ["de"]}) == "es"

    def test_what_is_unknown_is_the_default(self, rules):
        call = "rules.checked(given, ['en'])"
        default = rules("settings", call)
        assert (default["speaker"], default["places"]) == ("voice", "sectors")
        assert rules("settings", call, {"rate": 99, "places": "map", "other": 1}) == default
        assert rules("settings", call, "not settings") == default

    @pytest.mark.parametrize(
        ("text", "token"),
        [
            ("#pct_0123456789abcdef_Secret-text", "pct_0123456789abcdef_Secret-text"),
            (" https://example.org:8443/eye#abcdefgh \n", "abcdefgh"),
            ("https://example.org/eye", ""),
            ("#", ""),
            ("", ""),
        ],
    )
    def test_a_token_is_what_follows_the_hash(self, rules, text, token):
        assert rules("settings", "rules.tokenOf(given)", text) == token


class TestFinding:
    WORDS = ("Stuhl", "Fußball", "Büroklammer", "Ball")

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("", ["Stuhl", "Fußball", "Büroklammer", "Ball"]),
            ("ball", ["Ball", "Fußball"]),
            ("BURO", ["Büroklammer"]),
            ("Haus", []),
        ],
    )
    def test_words_match_without_accents_and_capitals(self, rules, typed, words):
        call = "rules.matching(given[0], given[1]).map(({word}) => word)"
        labels = [{"word": word} for word in self.WORDS]
        assert rules("find_dialog", call, [labels, typed]) == words


def test_a_voice_on_the_phone_is_preferred(rules):
    voices = [
        {"lang": "en-US", "localService": True, "default": True},
        {"lang": "de-DE", "localService": False, "default": False},
        {"lang": "de-AT", "localService": True, "default": False},
    ]
    call = "rules.voiceFor(given[0], given[1])?.lang ?? null"
    assert rules("speaker", call, [voices, "de"]) == "de-AT"
    assert rules("speaker", call, [voices, "es"]) is None
