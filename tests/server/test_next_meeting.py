"""What comes after a meeting: whom the next one scores, what it takes over, and when there is nothing to go on from."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from kit.playbook import Playbook, full_house
from kit.year import (
    COMPONENTS,
    CULTURE,
    LABOUR,
    PROGRAMME,
    READING,
    plan,
    published,
    scored,
    scoring,
    selected,
    selection,
    sitting,
)
from pingyi_protocol.meeting.commands import Recuse, Score
from pingyi_protocol.meeting.definition import Criterion, Item, Language, MotionRules, Problem, ScoreRules
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.imports.sample import example_meeting
from pingyi_server.imports.workbook import meeting_of_workbook
from pingyi_server.imports.workbook_writer import workbook_of
from pingyi_server.programme.following import Next, NothingNextError, next_meeting

TEMPLATE = example_meeting(Language.CHINESE).definition


def after(book: Playbook) -> Next:
    return next_meeting(sitting(book, "earlier"), TEMPLATE, "整改情况评分", Language.CHINESE)


def refusal(book: Playbook) -> NothingNextError:
    with pytest.raises(NothingNextError) as refused:
        after(book)
    for language in Language:
        assert refused.value.words(language)
    return refused.value


def with_agenda(book: Playbook, *items: Item) -> Playbook:
    return full_house(replace(plan(book), agenda=items))


def test_a_selections_winners_are_scored_by_the_roster_and_facts_of_their_meeting() -> None:
    book = selected()
    made, old = after(book), plan(book)
    assert (made.chosen, made.again) == ((CULTURE, LABOUR), ())
    facts = made.definition.meeting
    assert (facts.programme, facts.batch, facts.follows) == (PROGRAMME, "第一批", "earlier")
    assert (facts.session, facts.date) == ("", "")
    assert made.definition.roster == old.roster
    [item] = made.definition.agenda
    assert (item.title, item.targets) == ("整改情况评分", ("T01", "T02"))
    assert isinstance(item.rules, ScoreRules)
    assert made.definition.components == TEMPLATE.components
    # a line to fill in for each target that has no problem yet
    assert made.definition.problems == (Problem("T01", ""), Problem("T02", ""))


def test_problems_and_components_that_the_selection_had_already_are_taken_over() -> None:
    known = replace(plan(selected()), problems=(READING,), components=COMPONENTS)
    book = full_house(known).open("1").select("M01", "T01").close().announce()
    made = after(book).definition
    assert made.components == COMPONENTS
    assert made.problems == (replace(READING, report=""),)


def test_who_falls_short_is_scored_again_by_the_same_rules_with_promises_carried_over() -> None:
    book = scored(scoring(), 70, 95)
    made = after(book)
    assert (made.chosen, made.again) == ((), (CULTURE,))
    assert [target.name for target in made.definition.targets] == [CULTURE]
    [item], [old] = made.definition.agenda, plan(book).agenda
    assert (item.rules, item.title, item.targets) == (old.rules, old.title, ("T01",))
    assert made.definition.problems == (replace(READING, report=""),)


def test_the_composites_threshold_goes_before_the_pass_mark() -> None:
    # 0.6 x 90 + 0.4 x 70 = 82 < 85, though 90 reaches the pass mark of 80
    made = after(published(scored(scoring(COMPONENTS), 90, 95)))
    assert made.again == (CULTURE,)
    assert (made.definition.components, made.definition.composite.again_below) == (COMPONENTS, Decimal(85))


def test_criteria_and_recusals_go_on_with_their_targets() -> None:
    [item] = plan(scoring()).agenda
    criteria = tuple(
        Criterion(target, key, name, Decimal(50))
        for target in ("T01", "T02")
        for key, name in (("K1", "整改成效"), ("K2", "群众反映"))
    )
    rules = replace(item.rules, confirmed=True)
    book = with_agenda(scoring(), replace(item, id="7", rules=rules, criteria=criteria)).recuse("M02", "7", "近亲属")
    scores = [Score(one.target, one.id, Decimal(70 if one.target == "T01" else 95)) for one in criteria]
    book.open("7")
    for person in ("M01", "M03"):
        book.answer(person, *scores)
    made = after(book.close().confirm("M03").announce())
    [again] = made.definition.agenda
    assert (again.id, {one.target for one in again.criteria}) == ("1", {"T01"})
    assert made.recusals == (Recuse(person="M02", item="1", reason="近亲属"),)


def test_winners_that_were_scored_at_once_are_not_chosen_again() -> None:
    [select], [score] = plan(selected()).agenda, plan(scoring()).agenda
    both = with_agenda(selected(), select, replace(score, id="2", targets=("T01",)))
    both.open("1")
    for person in ("M01", "M02", "M03"):
        both.select(person, "T01", "T02")
    both.close().announce().open("2")
    for person in ("M01", "M02", "M03"):
        both.cast(person, 10)
    made = after(both.close().announce())
    assert (made.chosen, made.again) == ((LABOUR,), (CULTURE,))
    assert [(item.id, item.targets) for item in made.definition.agenda] == [("1", ("T01",)), ("2", ("T02",))]


def with_day(made: Next) -> MeetingFile:
    """The next meeting once the clerk has filled in what is left to fill in."""
    definition = made.definition
    facts = replace(definition.meeting, session="第十三次会议", date="2026-06-20")
    problems = tuple(replace(one, title=one.title or "待定问题") for one in definition.problems)
    components = tuple(replace(one, name=one.name.split("（")[0]) for one in definition.components)
    filled = replace(definition, meeting=facts, problems=problems, components=components)
    return MeetingFile(filled, made.recusals)


@pytest.mark.parametrize("book", [selected(), scored(scoring(), 70, 95)], ids=["winners", "again"])
@pytest.mark.parametrize("language", Language)
def test_what_was_written_loads_once_it_is_filled_in_and_still_says_what_it_follows(
    book: Playbook, language: Language
) -> None:
    file = with_day(after(book))
    content = workbook_of(file.definition, language, file.recusals)
    read = meeting_of_workbook(content, "meeting.xlsx").definition
    assert read.meeting == file.definition.meeting
    assert read.meeting.follows == "earlier"
    names = {target.id: target.name for target in file.definition.targets}
    assert [(one.title, one.goal, one.measures, one.deadline, one.responsible) for one in read.problems] == [
        (one.title, one.goal, one.measures, one.deadline, one.responsible) for one in file.definition.problems
    ]
    assert [target.name for target in read.targets] == list(names.values())
    assert read.agenda[0].rules == file.definition.agenda[0].rules


def test_nothing_is_gone_on_from_before_it_is_announced() -> None:
    assert refusal(selection()).key == "next.not_announced"
    assert refusal(scoring()).values == {"count": 1, "names": "评议"}
    tie = selection().open("1").select("M01", "T01", "T02").select("M02", "T01", "T03").close().announce()
    assert (refusal(tie).key, refusal(tie).values["count"]) == ("next.tied", 2)
    assert refusal(scored(scoring(COMPONENTS), 10, 20)).key == "next.composite_not_yet"


def test_a_closed_meeting_is_gone_on_from_as_far_as_it_came() -> None:
    tie = selection().open("1").select("M01", "T01", "T02").select("M02", "T01", "T03").close().announce()
    assert after(tie.close_meeting()).chosen == (CULTURE,)
    assert refusal(selection().close_meeting()).key == "next.never_announced"
    assert refusal(scored(scoring(COMPONENTS), 10, 20).close_meeting()).key == "next.composite_never"


def test_nothing_is_gone_on_from_where_nobody_is_next() -> None:
    assert refusal(scored(scoring(), 80, 95)).key == "next.nobody_below"
    assert refusal(scored(scoring(), 80, 95)).values == {"count": 2, "least": "80"}
    [item] = plan(scoring()).agenda
    unset = with_agenda(scoring(), replace(item, rules=replace(item.rules, pass_mark=None)))
    assert refusal(scored(unset, 10, 10)).key == "next.no_threshold"
    assert refusal(selection().open("1").close().announce()).key == "next.nobody_chosen"
    motion = Item("1", "动议", rules=MotionRules())
    assert refusal(with_agenda(selection(), motion)).key == "next.no_such_item"
    withdrawn = with_agenda(selection(), motion, replace(item, id="2")).withdraw("2")
    assert refusal(withdrawn).key == "next.no_such_item"
