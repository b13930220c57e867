"""What is decided once for all who chose alike is what each of them alone would be told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nudges.moment import moment
from bot.nudges.plan import decide, pack_plan
from bot.ports import Due
from tests.nudges.scene import packed
from tests.nudges.test_plan import BEGIN, DAY, plans

WITHIN = st.none() | st.integers(-3000, 3000).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
# Plans with all that can decide.
rhythms = st.builds(
    lambda plan, later, care, paused, seen: replace(
        plan, later=later, care=care, schedule=plan.schedule.pausing(paused), last_day=DAY if seen else None
    ),
    plans(),
    WITHIN,
    WITHIN,
    WITHIN,
    st.booleans(),
)


def _due(plan: bytes) -> Due:
    return Due(person=b"p" * 16, plan=plan, since=BEGIN, version=3)


@settings(max_examples=300, deadline=None)
@given(rhythms, st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 90, 119, 121]))
def test_each_is_told_what_is_decided_for_them(begun, seed, late):
    now = BEGIN + timedelta(minutes=late)
    for plan in (begun, replace(begun, seed=seed, needs=("touch",), follows=True, language="xx")):
        found, here = decide(plan, BEGIN, now), moment(_due(packed(plan)), now)
        assert (here.kind, here.claim.day, here.claim.slot) == (found.kind, found.day, found.slot)
        assert here.claim.next == found.after.due(now)
        assert here.claim.state == ("claimed" if found.kind else "skipped")
        assert here.schedule == plan.schedule


@given(plans(), st.sampled_from(["days", "at", "zone", "unanswered", "seed"]))
def test_a_plan_without_what_decides_cannot_be_read(begun, name):
    values = pack_plan(begun)
    del values[name]
    here = moment(_due(json.dumps(values).encode()), BEGIN)
    assert (here.schedule, here.kind, here.claim.next, here.claim.state) == (None, None, None, "claimed")
