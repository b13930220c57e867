"""The laws of choosing a nudge, against plain sets: for made-up nudges in any number, any past, and any person."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.content.loader import ROOT
from bot.content.nudges import STRUCTURE, Nudge, Nudges, load
from bot.nudges.compose import ADDS, FIRMEST, LATELY, LEVELS, Chosen, Sent, Shelf, Today

NEEDS = ("emotional", "touch", "belonging", "desire", "validation")
WHOM = ("self", "any", "friend", "old_friend", "family", "partner", "group", "stranger")
KINDS = ("write", "message", "talk", "group")
DAY = 740_000


@cache
def shipped() -> Nudges:
    return load(ROOT / "packs" / "intimacy" / "nudges" / STRUCTURE)


@cache
def shelf() -> Shelf:
    return Shelf(shipped())


def shelf_of(nudges: Nudges) -> Shelf:
    return shelf() if nudges is shipped() else Shelf(nudges)


# -- what should hold, said with plain sets ---------------------------------------------------------------------------


def reached(past: tuple[Sent, ...]) -> int:
    footing = 0
    for sent in past[-LATELY:]:
        footing = max(0, min(FIRMEST, footing + ADDS[sent.answer]))
    return len([least for least in LEVELS if footing >= least])


def suiting(nudges: Nudges, today: Today) -> dict[str, Nudge]:
    declined = {sent.nudge for sent in today.past if sent.answer == "not_for_me"}
    return {
        n.id: n
        for n in nudges.nudges
        if n.need in (today.needs or nudges.anyone)
        and (today.near or n.toward not in ("family", "partner"))
        and (n.alone or not today.alone)
        and n.id not in declined
    }


def fitting(nudges: Nudges, today: Today) -> dict[str, Nudge]:
    """Those to choose from where no second step is due."""
    first = {name: n for name, n in suiting(nudges, today).items() if name not in nudges.seconds()}
    most = max(reached(today.past), min((n.difficulty for n in first.values()), default=1))
    return {name: n for name, n in first.items() if n.difficulty <= most}


def due(nudges: Nudges, today: Today) -> set[str]:
    """Second steps whose first was done on one of the days before, and that did not come since."""
    then = {n.id: n.then for n in nudges.nudges if n.then}
    return {
        then[sent.nudge]
        for place, sent in enumerate(today.past)
        if place >= len(today.past) - LATELY
        and sent.nudge in then
        and sent.answer == "done"
        and 1 <= today.day - sent.day <= today.within
        and then[sent.nudge] not in {later.nudge for later in today.past[place + 1 :]}
    }


def chosen(nudges: Nudges, today: Today) -> tuple[Chosen | None, Nudge | None]:
    found = shelf_of(nudges).choose(today)
    return found, None if found is None else next(n for n in nudges.nudges if n.id == found.nudge)


# -- any nudges, any person -------------------------------------------------------------------------------------------


@st.composite
def any_nudges(draw) -> Nudges:
    size = draw(st.integers(1, 14))
    rows = [
        Nudge(
            id=f"n{place}",
            need=draw(st.sampled_from(NEEDS)),
            difficulty=draw(st.sampled_from((1, 2, 3))),
            toward=draw(st.sampled_from(WHOM)),
            kind=draw(st.sampled_from(KINDS)),
            source="liu",
            alone=draw(st.booleans()),
        )
        for place in range(size)
    ]
    for place in draw(st.sets(st.integers(0, max(0, size - 2)), max_size=size // 2)):
        if place % 2 == 0 and place + 1 < size:
            rows[place] = rows[place].model_copy(update={"then": f"n{place + 1}"})
    anyone = tuple(draw(st.lists(st.sampled_from(NEEDS), max_size=5, unique=True)))
    return Nudges(version=1, anyone=anyone, nudges=tuple(rows))


@st.composite
def any_today(draw, nudges: Nudges) -> Today:
    ids = [*(n.id for n in nudges.nudges), "gone"]
    sent = st.builds(
        Sent,
        nudge=st.sampled_from(ids),
        day=st.integers(DAY - 3, DAY + 1),
        answer=st.sampled_from((None, "done", "done", "skipped", "not_for_me")),
        liked=st.booleans(),
    )
    return Today(
        seed=draw(st.integers(0, 2**64)),
        day=DAY,
        needs=tuple(draw(st.lists(st.sampled_from((*NEEDS, "other")), max_size=3, unique=True))),
        past=tuple(sorted(draw(st.lists(sent, max_size=40)), key=lambda s: s.day)),
        near=draw(st.booleans()),
        alone=draw(st.integers(0, 3)) == 0,
        within=draw(st.integers(1, 3)),
    )


@st.composite
def any_case(draw) -> tuple[Nudges, Today]:
    nudges = draw(any_nudges() | st.builds(shipped))
    return nudges, draw(any_today(nudges))


@settings(max_examples=200, deadline=None)
@given(any_case())
def test_only_what_suits_and_none_only_where_nothing_does(case):
    nudges, today = case
    found, nudge = chosen(nudges, today)
    steps = due(nudges, today) & suiting(nudges, today).keys()
    if found is None:
        assert not fitting(nudges, today)
        assert not steps
    elif found.second:
        assert found.nudge in steps
    else:
        assert nudge is not None
        assert nudge.id in fitting(nudges, today)
        assert not steps


@settings(max_examples=150, deadline=None)
@given(any_case())
def test_nobody_near_unless_the_person_said_that_they_are_safe(case):
    nudges, today = case
    _, nudge = chosen(nudges, replace(today, near=False))
    assert nudge is None or nudge.toward not in ("family", "partner")


@settings(max_examples=200, deadline=None)
@given(any_case())
def test_none_comes_again_before_all_that_fit_were_used(case):
    nudges, today = case
    found, _ = chosen(nudges, today)
    assume(found is not None and not found.second)
    before = {sent.nudge for sent in today.past}
    if found.nudge in before:
        assert not fitting(nudges, today).keys() - before


@settings(max_examples=150, deadline=None)
@given(any_case())
def test_never_the_same_twice_in_a_row_while_two_fit(case):
    nudges, today = case
    found, _ = chosen(nudges, today)
    assume(found is not None and today.past and len(fitting(nudges, today)) > 1)
    assert found.nudge != today.past[-1].nudge


@settings(max_examples=60, deadline=None)
@given(any_nudges(), st.integers(0, 2**64), st.booleans())
def test_round_after_round_each_comes_once(nudges, seed, near):
    past = tuple(Sent(nudge="gone", day=DAY - 100, answer="done") for _ in range(LATELY))  # firm enough for all of them
    today = Today(seed=seed, day=DAY, needs=NEEDS, past=past, near=near)
    size = len(fitting(nudges, today))
    assume(size)
    shelf, came = Shelf(nudges), []
    for day in range(DAY, DAY + 3 * size):
        since = tuple(Sent(nudge=name, day=DAY + place) for place, name in enumerate(came))
        came.append(shelf.choose(replace(today, day=day, past=(*past, *since))).nudge)
    for start in range(0, 3 * size, size):
        assert len(set(came[start : start + size])) == size, came
    for place, name in enumerate(came):
        assert name not in came[max(0, place - size // 2) : place], came


# -- difficulty -------------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(any_case())
def test_nothing_is_harder_than_what_was_reached(case):
    nudges, today = case
    found, nudge = chosen(nudges, today)
    assume(nudge is not None)
    if found.second:
        assert found.nudge in due(nudges, today)
        return
    easiest = min(n.difficulty for n in fitting(nudges, today).values())
    assert nudge.difficulty <= max(reached(today.past), easiest)
    if not today.past:
        assert nudge.difficulty == easiest


@given(st.lists(st.sampled_from(list(ADDS)), max_size=60), st.sampled_from(list(ADDS)))
def test_no_answer_climbs_two_levels_and_no_refusal_climbs_at_all(answers, answer):
    past = tuple(Sent(nudge="gone", day=DAY, answer=each) for each in answers)
    before, after = reached(past), reached((*past, Sent(nudge="gone", day=DAY, answer=answer)))
    assert after - before <= 1
    if answer in ("skipped", "not_for_me"):
        assert after <= before


def test_a_year_of_doing_goes_from_easy_to_all_and_ends_no_round_early():
    nudges, past = shipped(), ()
    hard: list[int] = []
    by_id = {n.id: n for n in nudges.nudges}
    for day in range(DAY, DAY + 365):
        today = Today(seed=9, day=day, needs=("emotional", "touch"), past=past)
        found = shelf().choose(today)
        hard += [] if found.second else [by_id[found.nudge].difficulty]
        past = (*past, Sent(nudge=found.nudge, day=day, answer="done"))
    assert set(hard[:2]) == {1}
    assert max(hard[:6]) == 2
    assert set(hard[8:40]) == {1, 2, 3}
    counts = Counter(sent.nudge for sent in past)
    usual = {n for n in suiting(nudges, today) if n not in nudges.seconds()}
    assert usual <= counts.keys()
    assert max(counts[n] for n in usual) - min(counts[n] for n in usual) <= 1
    assert nudges.seconds() & suiting(nudges, today).keys() <= counts.keys()


def test_where_a_difficulty_is_missing_the_next_one_is_still_too_hard():
    easy, hard = (
        Nudge(id=name, need="touch", difficulty=difficulty, toward="self", kind="body", source="liu")
        for name, difficulty in (("easy", 1), ("hard", 3))
    )
    past = tuple(Sent(nudge="easy", day=DAY - 1, answer="done") for _ in range(4))
    today = Today(seed=1, day=DAY, past=past)
    assert reached(past) == 2
    assert Shelf(Nudges(version=1, anyone=("touch",), nudges=(easy, hard))).choose(today).nudge == "easy"


def test_half_the_nudges_are_as_hard_as_was_reached_and_the_others_easier():
    by_id = {n.id: n.difficulty for n in shipped().nudges}
    past = tuple(Sent(nudge="gone", day=DAY - 9, answer="done") for _ in range(10))
    count = Counter(by_id[shelf().choose(Today(seed=seed, day=DAY, needs=NEEDS, past=past)).nudge] for seed in range(600))
    assert count[3] > 300
    assert count[2] > 50
    assert count[1] > 50


def test_whoever_skips_everything_stays_with_what_is_easy():
    past = ()
    easy = {n.id for n in shipped().nudges if n.difficulty == 1}
    for day in range(DAY, DAY + 60):
        found = shelf().choose(Today(seed=4, day=day, needs=("touch",), past=past))
        assert found.nudge in easy
        past = (*past, Sent(nudge=found.nudge, day=day, answer="skipped"))


# -- two steps --------------------------------------------------------------------------------------------------------

PAIR = [(n.id, n.then) for n in shipped().nudges if n.then]


def after(first: str, days: int, within: int = 1, answer: str = "done", since: tuple[str, ...] = ()) -> Chosen:
    past = (Sent(nudge=first, day=DAY, answer=answer), *(Sent(nudge=name, day=DAY) for name in since))
    return shelf().choose(Today(seed=1, day=DAY + days, needs=NEEDS, past=past, within=within))


def test_the_second_step_comes_on_the_day_after_the_first_was_done():
    assert len(PAIR) >= 5
    for first, second in PAIR:
        assert after(first, 1) == Chosen(nudge=second, nth=DAY + 2, second=True)


def test_the_second_step_comes_on_no_other_day_and_after_no_other_answer():
    first, second = PAIR[0]
    assert not after(first, 0).second
    assert not after(first, 2).second
    assert after(first, 2, within=2).nudge == second
    assert not after(first, 1, answer="skipped").second
    assert not after(first, 1, since=(second,)).second
    assert after(first, 1, since=("walk_and_call",)).second


@settings(max_examples=200, deadline=None)
@given(any_case())
@example((shipped(), Today(seed=0, day=DAY, needs=NEEDS, past=())))
def test_a_second_step_never_comes_by_itself(case):
    nudges, today = case
    undone = tuple(replace(sent, answer="skipped") if sent.answer == "done" else sent for sent in today.past)
    found, _ = chosen(nudges, replace(today, past=undone))
    assert found is None or (not found.second and found.nudge not in nudges.seconds())


# -- taste, chance, and the opening line ------------------------------------------------------------------------------


def kinds(past: tuple[Sent, ...], seeds: int = 300) -> Counter[str]:
    by_id = {n.id: n for n in shipped().nudges}
    chosen = (shelf().choose(Today(seed=seed, day=DAY, needs=("emotional",), past=past)) for seed in range(seeds))
    return Counter(by_id[found.nudge].kind for found in chosen)


def test_more_like_this_brings_more_of_its_kind_and_not_for_me_less():
    neutral, liked = (kinds((Sent(nudge="too_busy", day=DAY - 9, liked=value),)) for value in (False, True))
    assert liked["thought"] > 2 * neutral["thought"] > 0
    declined = kinds((Sent(nudge="too_busy", day=DAY - 9, answer="not_for_me"), Sent(nudge="view_today", day=DAY - 8)))
    assert declined["thought"] == 0


def test_what_was_declined_never_comes_back_even_if_nothing_else_is_left():
    past = tuple(Sent(nudge=n.id, day=DAY - 1, answer="not_for_me") for n in shipped().nudges if n.need == "touch")
    assert shelf().choose(Today(seed=1, day=DAY, needs=("touch",), past=past)) is None
    left = tuple(sent for sent in past if sent.nudge != "warm_mug")
    assert shelf().choose(Today(seed=1, day=DAY, needs=("touch",), past=left)).nudge == "warm_mug"


def test_the_likeliest_need_comes_most_often_and_the_others_too():
    by_id = {n.id: n.need for n in shipped().nudges}
    needs = ("validation", "touch", "desire")
    count = Counter(by_id[shelf().choose(Today(seed=seed, day=DAY, needs=needs)).nudge] for seed in range(600))
    assert count["validation"] > count["touch"] > count["desire"] > 50


def test_people_whose_needs_are_not_known_get_nothing_on_desire():
    by_id = {n.id: n.need for n in shipped().nudges}
    count = Counter(by_id[shelf().choose(Today(seed=seed, day=DAY)).nudge] for seed in range(300))
    assert set(count) == set(NEEDS) - {"desire"}


@settings(max_examples=200, deadline=None)
@given(any_case())
def test_the_same_values_give_the_same_nudge(case):
    nudges, today = case
    assert Shelf(nudges).choose(today) == Shelf(nudges).choose(today)


def test_chance_is_the_same_on_every_machine():
    rows = (Nudge(id=f"n{n}", need="touch", difficulty=1, toward="self", kind="body", source="liu") for n in range(10))
    shelf = Shelf(Nudges(version=1, anyone=("touch",), nudges=tuple(rows)))
    assert [shelf.choose(Today(seed=7, day=day)).nudge for day in range(8)] == ["n9", "n4", "n0", "n7", "n8", "n3", "n5", "n1"]


def test_people_differ_and_days_open_differently():
    assert len({shelf().choose(Today(seed=seed, day=DAY, needs=("touch",))).nudge for seed in range(200)}) > 8
    days = [shelf().choose(Today(seed=3, day=day, needs=NEEDS)).nth % 16 for day in range(DAY, DAY + 16)]
    assert len(set(days)) == 16
