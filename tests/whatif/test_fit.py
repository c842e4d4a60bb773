"""A drive that happened, fitted in part and predicted: reading, mathematics, calibration, and the hold-out as it is."""

import re
from contextlib import suppress
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from cyclopts import App
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, Philox
from scipy.stats import kstest, multivariate_normal

from openroll.cli.whatif.fit import fit_drive
from openroll.rules import Rule, load
from openroll.whatif.fitting.course import NoDuty, belief, course
from openroll.whatif.fitting.drift_filter import Seen, likely, paths, strayed
from openroll.whatif.fitting.drive import (
    COUNTING,
    SUMMING,
    Drive,
    DriveFaults,
    NoSuchDrive,
    drives,
    load_drive,
    parse_drive,
)
from openroll.whatif.fitting.fit import Fitted, NothingSeen, before_looking, filing, fit, values
from openroll.whatif.fitting.holdout import HoldoutEvaluation, evaluate_holdout
from openroll.whatif.fitting.priors import NAMES, OF_FILING, PRIORS, rushes
from openroll.whatif.fitting.rhythm import for_a_rhythm
from openroll.whatif.fitting.synthetic import checks, days_of, synthetic_drive
from openroll.whatif.fitting.tempering import NoLikelihood, tempered

DOCS = Path(__file__).parents[2] / "docs" / "whatif-philippines.md"
HEAD = "# rule: ph-ra11934-2022\n# opened: 2022-12-27\n# connected: 2022-10-27\n# population: 1000\n"
ROWS = "as_of,cumulative,quality,source\n2022-12-28,10,exact,a\n2023-01-04,20,exact,b\n"
APRIL, JULY = date(2023, 4, 24), date(2023, 7, 30)


@pytest.fixture(scope="module")
def drive() -> Drive:
    return load_drive("philippines-2023")


@pytest.fixture(scope="module")
def rule() -> Rule:
    return load("ph-ra11934-2022")


@pytest.fixture(scope="module")
def fitted(drive: Drive, rule: Rule) -> Fitted:
    return fit(drive, rule, seed=0, draws=2000)


@pytest.fixture(scope="module")
def held(fitted: Fitted, drive: Drive) -> HoldoutEvaluation:
    return evaluate_holdout(fitted, drive)


class TestReading:
    def test_the_drive_that_ships_is_whole_and_sourced(self, drive: Drive) -> None:
        """24 observations, each with a page it was read on; and the base agrees with the 51.75 % told for 24 April."""
        assert drives() == ("philippines-2023",)
        assert len(drive.observations) == 24
        assert all(one.source.startswith("https://") for one in drive.observations)
        april = next(one for one in drive.observations if one.day == APRIL)
        assert round(100 * april.filed / drive.population, 2) == 51.75

    @pytest.mark.parametrize(
        ("number", "quality", "share", "step", "adrift"),
        [
            (58277996, "exact", COUNTING, 1, False),
            (104334729, 'exact count; date +-1 day ("four days before")', COUNTING, 1, True),
            (3462897, "sum of 3 operators (another report: 3414116)", SUMMING, 1, False),
            (45860000, "rounded", COUNTING, 10_000, False),
            (78000000, 'rounded ("latest record")', COUNTING, 1_000_000, False),
            (17117000, "10.13 % of base (rounded)", COUNTING, 16897.7773, False),
            (96500000, "rounded 57.5%", COUNTING, 168977.773, False),
        ],
    )
    def test_the_error_is_by_quality(self, number: int, quality: str, share: float, step: float, adrift: bool) -> None:
        """Exact, rounded, summed and adrift numbers each have an error of their own."""
        quoted = '"' + quality.replace('"', '""') + '"'
        text = HEAD.replace("1000", "168977773") + ROWS.replace("2023-01-04,20,exact", f"2023-01-04,{number},{quoted}")
        one = parse_drive(text, "made.csv").observations[1]
        assert (one.share, one.adrift) == (share, adrift)
        assert one.step == pytest.approx(step)
        assert one.variance == pytest.approx((share * number) ** 2 + step**2 / 12)
        assert one.days_adrift == pytest.approx((2 / 3) ** 0.5 if adrift else 0)

    @pytest.mark.parametrize(
        ("was", "now", "line", "path"),
        [
            ("2023-01-04,20,exact,b", "2023-13-04,20,exact,b", 7, "as_of"),
            ("2023-01-04,20,exact,b", "2023-01-04,2e1,exact,b", 7, "cumulative"),
            ("2023-01-04,20,exact,b", "2023-01-04,20,fine,b", 7, "quality"),
            ("2023-01-04,20,exact,b", "2023-01-04,20,exact", 7, ""),
            ("2023-01-04,20,exact,b", "2022-12-28,20,exact,b", 7, "as_of"),
            ("2023-01-04,20,exact,b", "2023-01-04,9,exact,b", 7, "cumulative"),
            ("2023-01-04,20,exact,b", "2023-01-04,1001,exact,b", 7, "cumulative"),
            ("2022-12-28,10,exact,a", "2022-12-26,10,exact,a", 6, "as_of"),
            ("as_of,cumulative", "day,cumulative", 5, ""),
            ("population: 1000", "population: many", 4, "population"),
            ("opened: 2022-12-27", "opened: soon", 2, "opened"),
            ("rule: ph-ra11934-2022", "law: ph", 1, "law"),
            ("2023-01-04,20,exact,b\n", "", 6, ""),
        ],
    )
    def test_a_wrong_file_gives_faults_by_line(self, was: str, now: str, line: int, path: str) -> None:
        """Each mistake names the line and the column it stands in, and what was expected."""
        with pytest.raises(DriveFaults) as faults:
            parse_drive((HEAD + ROWS).replace(was, now), "made.csv")
        assert (line, path) in [(fault.line, fault.path) for fault in faults.value.faults]
        assert all(fault.expected for fault in faults.value.faults)

    def test_all_mistakes_are_told_at_once(self) -> None:
        """Two rows with a mistake each give two faults."""
        with pytest.raises(DriveFaults) as faults:
            parse_drive((HEAD + ROWS).replace("10,exact", "x,exact").replace("20,exact", "20,fine"), "made.csv")
        assert [(fault.line, fault.path) for fault in faults.value.faults] == [(6, "cumulative"), (7, "quality")]

    @settings(max_examples=30, deadline=None)
    @given(st.text(alphabet=st.sampled_from('#:,"\n\r \u20290123456789-%exactrue\x00')), st.text(max_size=40))
    def test_no_text_gives_a_traceback(self, middle: str, end: str) -> None:
        """Any text is a drive or a list of faults."""
        for text in (middle + end, HEAD + middle + ROWS + end):
            with suppress(DriveFaults):
                parse_drive(text, "any.csv")

    def test_who_had_filed_before_is_in_no_number_of_the_drive(self) -> None:
        """Those who had filed before it opened are taken out of every row and of those asked; the error of a row stays."""
        plain, after = parse_drive(HEAD + ROWS, "x.csv"), parse_drive("# before: 8\n" + HEAD + ROWS, "x.csv")
        assert (after.population, after.before) == (992, 8)
        assert [one.filed for one in after.observations] == [2, 12]
        assert [one.variance for one in after.observations] == pytest.approx([o.variance for o in plain.observations])
        with pytest.raises(DriveFaults, match="# before: 10"):
            parse_drive(HEAD.replace("opened: 2022-12-27", "opened: 2022-12-30") + ROWS, "x.csv")

    def test_what_the_caller_says_stands_above_the_file(self) -> None:
        """A file without `#` lines is read when the caller says what they would."""
        read = parse_drive(ROWS, "x/bare.csv", rule="r", opened="2022-12-27", population="1000", until="")
        assert (read.id, read.rule, read.population, read.until) == ("bare", "r", 1000, date(2023, 1, 4))
        with pytest.raises(NoSuchDrive):
            load_drive("atlantis")


class TestCourse:
    def test_the_deadline_is_the_rules_own_on_each_day(self, drive: Drive, rule: Rule) -> None:
        """26 April is believed up to 24 April and 25 July from the 25th, when it was put off once; of old SIMs, said or not."""
        known = belief(rule, drive, JULY)
        at = {day: n for n, day in enumerate(known.days)}
        assert known.left[at[APRIL]] == 2
        assert known.left[at[date(2023, 4, 25)]] == 91
        assert known.left[at[JULY]] == -5
        assert (known.put_off[at[APRIL]], known.put_off[at[date(2023, 4, 25)]], known.put_off[-1]) == (0, 1, 1)
        assert known.since[0] == 0
        unsaid = belief(rule, msgspec.structs.replace(drive, connected=None), JULY)
        assert unsaid.due == known.due

    def test_a_rule_that_asks_nothing_of_them_is_said(self, drive: Drive, rule: Rule) -> None:
        """Where nobody has the duty there is nothing to fit."""
        with pytest.raises(NoDuty, match="site"):
            belief(rule, msgspec.structs.replace(drive, kind="site"), APRIL)

    def test_everyone_is_somewhere(self, drive: Drive, rule: Rule) -> None:
        """Unaware, open and filed make one on every day of every draw; none is negative; those who file were open."""
        z = Generator(Philox(1)).standard_normal((200, len(NAMES)))
        shares = course(filing(values(z)), belief(rule, drive, JULY))
        np.testing.assert_allclose(shares.unaware + shares.open + shares.filed, 1, atol=1e-12)
        assert min(shares.unaware.min(), shares.open.min(), shares.flow.min()) >= -1e-12
        np.testing.assert_allclose(shares.flow[1:], shares.open[:-1] * shares.probability[1:], atol=1e-12)

    def test_an_even_chance_is_geometric(self, drive: Drive, rule: Rule) -> None:
        """With all aware and only the lull, 1 - (1 - lull)^n have filed after n days."""
        even = dict.fromkeys(OF_FILING, np.zeros(1)) | {"heed": np.ones(1), "lull": np.full(1, 0.01)}
        even |= {"launch_days": np.ones(1), "rush_days": np.ones(1)}
        shares = course(filing(even), belief(rule, drive, APRIL))
        np.testing.assert_allclose(shares.filed[:, 0], 1 - 0.99 ** np.arange(1, len(shares.filed) + 1))


class TestMathematics:
    def test_the_filter_is_the_normal_law_written_out(self) -> None:
        """By days or by stretches, the likelihood is that of one multivariate normal: the autoregression summed over days."""
        flow = np.linspace(0.02, 0.005, 30)
        wander, memory = 0.3, 9.0
        seen = [Seen(2, 0.06, 1e-6, 0.0), Seen(11, 0.2, 1e-5, 0.8), Seen(28, 0.33, 4e-6, 0.0)]
        apart = np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
        sums = np.array([(np.arange(30) <= one.day) * flow for one in seen])
        noise = np.diag([one.variance + (one.days_adrift * flow[one.day]) ** 2 for one in seen])
        whole = sums @ (wander**2 * np.exp(-apart / memory)) @ sums.T + noise
        assumptions = flow[:, None], np.array([wander]), np.array([memory])
        expected = multivariate_normal(sums.sum(axis=1), whole).logpdf([one.share for one in seen])
        for logs in (likely(*assumptions, seen), strayed(*assumptions, seen)[0]):
            assert logs[0] == pytest.approx(expected)

    def test_a_long_gap_is_gone_over_in_stretches(self) -> None:
        """After eight years without a count the likelihood is a number, and the one that goes day by day."""
        flow = np.repeat(np.linspace(3e-4, 1e-5, 3000)[:, None], 3, axis=1)
        wander, memory = np.array([0.3, 0.5, 0.2]), np.array([0.4, 2.0, 60.0])
        seen = [Seen(1, 0.0006, 1e-9, 0.0), Seen(2998, 0.45, 1e-6, 0.5)]
        with np.errstate(invalid="raise", divide="raise"):
            logs = likely(flow, wander, memory, seen)
        np.testing.assert_allclose(logs, strayed(flow, wander, memory, seen)[0], rtol=1e-9)

    def test_draws_of_no_likelihood_are_worth_nothing(self) -> None:
        """Where what was seen is no number, or impossible, a sentence says so instead of draws worth 2,000."""
        with pytest.raises(NoLikelihood, match="no number for 1 of 100"):
            tempered(lambda z: np.where(np.arange(len(z)) == 7, np.nan, z.sum(axis=1)), 2, 100, Generator(Philox(1)))
        with pytest.raises(NoLikelihood, match="impossible"):
            tempered(lambda z: np.full(len(z), -np.inf), 2, 100, Generator(Philox(1)))

    def test_paths_go_through_what_was_seen(self) -> None:
        """Every way of straying passes an exact observation, and its total is the sum of its days."""
        draws = 50
        flow = np.repeat(np.linspace(0.02, 0.005, 20)[:, None], draws, axis=1)
        wander, memory = np.full(draws, 0.4), np.full(draws, 5.0)
        off = flow[:11].sum(axis=0)[0] + 0.01
        _, beliefs = strayed(flow, wander, memory, [Seen(10, off, 1e-14, 0.0)])
        pace, total = paths(beliefs, flow, wander, memory, Generator(Philox(2)))
        np.testing.assert_allclose(total[10], 0.01, atol=1e-6)
        np.testing.assert_allclose(np.cumsum(flow * pace, axis=0)[1:], total[1:], atol=1e-9)
        assert total[-1].std() > 0.001

    def test_tempering_finds_a_posterior_that_is_known(self) -> None:
        """For normal data on a normal prior the mean, the variance and the evidence are exact sums."""
        error, told = 0.1, np.array([1.5, -2.0, 0.3])

        def log_likelihood(z: np.ndarray) -> np.ndarray:
            return np.asarray(multivariate_normal(told, error**2 * np.eye(3)).logpdf(z))

        found = tempered(log_likelihood, 3, 2000, Generator(Philox(3)))
        np.testing.assert_allclose(found.z.mean(axis=0), told / (1 + error**2), atol=0.01)
        np.testing.assert_allclose(found.z.std(axis=0), error / (1 + error**2) ** 0.5, rtol=0.08)
        assert found.evidence == pytest.approx(
            multivariate_normal(np.zeros(3), (1 + error**2) * np.eye(3)).logpdf(told), abs=0.3
        )
        assert 1000 < found.size <= 2000

    def test_the_prior_of_the_rush_is_that_of_other_drives(self) -> None:
        """Centre and spread of rush and rush_days are computed from `rushes.csv`, in which the Philippines have no row."""
        table = rushes()
        assert not any("Philippine" in name for name in table["drive"])
        for prior in PRIORS:
            if prior.name in ("rush", "rush_days"):
                logs = np.log(table[prior.name].to_numpy())
                assert prior.centre == pytest.approx(np.exp(logs.mean()), rel=0.02)
                assert prior.spread == pytest.approx(logs.std(ddof=1) * (1 + 1 / len(logs)) ** 0.5, rel=0.03)


class TestFit:
    def test_nothing_after_the_day_is_seen(self, drive: Drive, rule: Rule) -> None:
        """Other numbers after `until`, or none, leave every draw as it was, to the bit."""
        later = [one for one in drive.observations if one.day > drive.until]
        wrong = [msgspec.structs.replace(one, filed=1, share=0.5) for one in later]
        early = drive.seen(drive.until).observations
        fits = [
            fit(msgspec.structs.replace(drive, observations=(*early, *rest)), rule, draws=100)
            for rest in (later, wrong, [])
        ]
        assert len({one.z.tobytes() for one in fits}) == 1
        assert len({one.trajectories(JULY).tobytes() for one in fits}) == 1
        assert all(one.day <= drive.until for one in fits[0].drive.observations)

    def test_one_seed_is_one_answer(self, drive: Drive, rule: Rule) -> None:
        """The same seed gives the same bytes, another seed others; a longer look ahead does not move a shorter one."""
        one, same, other = (fit(drive, rule, seed=seed, draws=100) for seed in (7, 7, 8))
        assert one.z.tobytes() == same.z.tobytes() != other.z.tobytes()
        assert msgspec.json.encode(evaluate_holdout(one, drive)) == msgspec.json.encode(evaluate_holdout(same, drive))
        long, short = one.trajectories(JULY), one.trajectories(APRIL)
        assert np.array_equal(long[: len(short)], short)

    def test_a_day_before_all_observations_is_said(self, drive: Drive, rule: Rule) -> None:
        """Nothing seen is no fit."""
        with pytest.raises(NothingSeen, match="2022-12-28"):
            fit(drive, rule, until=date(2022, 12, 27))

    def test_what_it_was_fitted_to_is_in_its_bands(self, fitted: Fitted) -> None:
        """The course passes the observations within four of their errors, and ends wider than it was in between."""
        told = np.array([one.filed for one in fitted.drive.observations])
        error = np.array([one.variance**0.5 for one in fitted.drive.observations])
        middle = fitted.predict([one.day for one in fitted.drive.observations])["middle"].to_numpy()
        assert (np.abs(middle - told) < 4 * error).all()

    def test_looking_narrows(self, fitted: Fitted, drive: Drive, rule: Rule) -> None:
        """A fit's bands are narrower than the priors' were on every held-out day, and widen with the horizon."""
        days = [one.day for one in drive.observations if one.day > drive.until]
        before = before_looking(drive, rule, days)
        after = fitted.predict(days)
        assert ((after["high"] - after["low"]) < (before["high"] - before["low"])).all()
        near, far = (
            fitted.predict([date(2023, 4, 4), APRIL]).select(width=pl.col("high") - pl.col("low"))["width"].to_list()
        )
        assert near < far

    def test_the_ranges_are_a_citys(self, fitted: Fitted) -> None:
        """Each assumption of filing that a drive can speak of has a value in a range, and says where it is from."""
        ranges = fitted.ranges()
        assert set(ranges) == {f"filing.{name}" for name in OF_FILING}
        for one in ranges.values():
            low, high = one.range
            assert low < one.value < high
            assert one.assumed is not None
            assert "2023-04-03" in one.assumed["en"]

    def test_made_drives_are_found_again(self, drive: Drive, rule: Rule) -> None:
        """Over made drives the true values' ranks are even, and the 80 % bands of a later day hold most of what was made."""
        like = days_of(drive, (1, 4, 8, 13, 20, 30), until=20)
        done = list(checks(like, rule, range(10), draws=100))
        ranks = [rank for one in done for rank in one.ranks.values()]
        assert kstest(ranks, "uniform").pvalue > 0.001
        assert 5 <= sum(inside for one in done for inside in one.inside.values()) <= 10

    def test_a_known_truth_is_recovered(self, drive: Drive, rule: Rule) -> None:
        """With many exact numbers of one made drive, deadline and all, what data can tell is found within its 98 % range."""
        like = days_of(drive, tuple(range(0, 120, 4)), until=119)
        for seed in (3, 4):
            seen, truth = synthetic_drive(like, rule, seed)
            drawn = fit(seen, rule, draws=200).draws
            told = [
                float((drawn[name].to_numpy() < truth[name]).mean())
                for name in ("launch", "launch_days", "lull", "rush", "wander")
            ]
            assert all(0.01 <= one <= 0.99 for one in told), told

    def test_a_weekly_rhythm_is_found_where_there_is_one(self, drive: Drive, rule: Rule) -> None:
        """Daily counts that all but stop at weekends speak for a rhythm; the Philippine counts speak neither way."""
        days = [drive.opened + timedelta(days=day) for day in range(42)]
        flow = np.array([0.1 if day.isoweekday() > 5 else 1.0 for day in days]) * np.linspace(1.2e6, 0.8e6, len(days))
        counts = np.cumsum(flow).round().astype(int).tolist()
        like = days_of(drive, range(42), until=41)
        told = [msgspec.structs.replace(one, filed=n) for one, n in zip(like.observations, counts, strict=True)]
        weekly = msgspec.structs.replace(like, observations=tuple(told))
        assert for_a_rhythm(weekly, rule, draws=200) > 3
        assert -3 < for_a_rhythm(drive, rule, draws=200) < 3


class TestHoldOut:
    def test_every_held_out_number_is_told_as_it_came(self, held: HoldoutEvaluation, drive: Drive) -> None:
        """No held-out observation is left out; inside means inside; the error is against what was told."""
        later = {one.day: one.filed for one in drive.observations if one.day > drive.until}
        assert {one.day: one.filed for one in held.held_out} == later
        for one in held.held_out:
            assert one.low < one.middle < one.high
            assert one.inside == (one.low <= one.filed <= one.high)
            assert one.error == pytest.approx(100 * (one.middle - one.filed) / one.filed)
        assert held.coverage == pytest.approx(np.mean([one.inside for one in held.held_out]))
        assert len(held.paces) == len(later)

    def test_the_shapes_are_those_asked_for(self, held: HoldoutEvaluation) -> None:
        """Lull, rush, peak, slump, second rush and grace are each asked of the draws and of what was."""
        assert [one.name for one in held.shapes] == ["lull", "rush", "peak", "slump", "second rush", "grace"]
        assert all(one.seen for one in held.shapes)
        assert all(one.reproduced == (one.predicted >= 0.5) for one in held.shapes)

    def test_the_page_tells_what_is_measured(self, held: HoldoutEvaluation) -> None:
        """docs/whatif-philippines.md: for every held-out number its band and whether it was inside; for every shape its share."""
        page = DOCS.read_text(encoding="utf-8")
        for one in held.held_out:
            row = re.search(rf"^\| {one.day} \|.*$", page, re.MULTILINE)
            assert row, one.day
            cells = [cell.strip() for cell in row[0].strip("|").split("|")]
            low, high = map(float, cells[3].split(" to "))
            assert (low, high) == pytest.approx((one.low / 1e6, one.high / 1e6), rel=0.06)
            assert cells[4] == ("inside" if one.inside else "**outside**")
        for shape in held.shapes:
            row = re.search(rf"^\| {shape.name} \|.*\| (\d+) % \| (\S+) \|$", page, re.MULTILINE)
            assert row, shape.name
            assert float(row[1]) == pytest.approx(100 * shape.predicted, abs=6)
            assert row[2] == ("reproduced" if shape.reproduced else "**missed**")


class TestCommand:
    @pytest.fixture
    def app(self) -> App:
        app = App(name="whatif", result_action="return_value")
        app.command(fit_drive, name="fit")
        return app

    def test_it_prints_what_was_held_out(self, app: App, capsys: pytest.CaptureFixture[str]) -> None:
        """Every held-out day stands in the tables."""
        app(["fit", "philippines-2023", "--draws", "100"])
        printed = capsys.readouterr().out
        assert "2023-04-24" in printed
        assert "2023-07-30" in printed
        assert "slump" in printed

    def test_rule_and_drive_are_given_by_path(self, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A drive of one's own under a rule of one's own with an overlay of one's own: the rule that reckons is that one."""
        text = (files("openroll.rules") / "shipped" / "ph-ra11934-2022.yaml").read_text(encoding="utf-8")
        (tmp_path / "my+rule.yaml").write_text(text.replace("id: ph-ra11934-2022", "id: my-rule"))
        (tmp_path / "over.yaml").write_text(
            "overlay: mine\ntitle: {en: Mine}\nover: [my-rule]\nlay: {summary: {en: Laid over.}}\n"
        )
        head = HEAD.replace("ph-ra11934-2022", str(tmp_path / "my+rule.yaml+") + str(tmp_path / "over.yaml"))
        (tmp_path / "mine.csv").write_text(head + ROWS)
        asked = []
        monkeypatch.setattr("openroll.cli.whatif.fit.fit", lambda drive, rule, **_: asked.append((drive, rule)))
        monkeypatch.setattr("openroll.cli.whatif.fit.evaluate_holdout", lambda *_: None)
        monkeypatch.setattr("openroll.cli.whatif.fit.show", lambda *_: None)
        app(["fit", str(tmp_path / "mine.csv"), "--before", "4"])
        ((drive, rule),) = asked
        assert (rule.ref, drive.population, drive.before) == ("my-rule+mine", 996, 4)
        assert [one.filed for one in drive.observations] == [6, 16]

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["philippines-2023", "--before", "99999999"], "every row counts them too"),
            (["philippines-2023", "--rule", "./no-such.yaml"], "no-such.yaml"),
            (["atlantis"], "philippines-2023"),
            (["missing.csv"], "missing.csv"),
            (["philippines-2023", "--until", "soon"], "2023-04-03"),
            (["philippines-2023", "--until", "2022-01-01"], "2022-12-28"),
            (["philippines-2023", "--population", "5"], "at most the 5 asked"),
            (["philippines-2023", "--rule", "no-such"], "ph-ra11934-2022"),
        ],
    )
    def test_what_cannot_be_is_a_sentence(
        self, app: App, capsys: pytest.CaptureFixture[str], words: list[str], told: str
    ) -> None:
        """A wrong word ends with status 2 and says what there is."""
        with pytest.raises(SystemExit) as end:
            app(["fit", *words])
        assert end.value.code == 2
        assert told in " ".join(capsys.readouterr().err.split())


def test_days_follow() -> None:
    """A drive like another is seen on the days asked for."""
    like = days_of(load_drive("philippines-2023"), (0, 3), until=2)
    assert [one.day - like.opened for one in like.observations] == [timedelta(0), timedelta(3)]
