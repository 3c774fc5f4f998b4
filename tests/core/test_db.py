"""The unit of work and the column types, on both databases."""
from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
import sqlalchemy as sa
from flask import Flask

from core.db import UtcDateTime, after_commit, changed_rows, db, insert_new, str_enum, unit_of_work
from core.health import Heartbeat

T0 = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def beat(name: str = "one", at: datetime = T0) -> None:
    db.session.add(Heartbeat(name=name, at=at))


def names() -> list[str]:
    return list(db.session.scalars(sa.select(Heartbeat.name).order_by(Heartbeat.name)))


def run_broken(*, after: list[str] | None = None) -> None:
    with unit_of_work():
        beat()
        db.session.flush()
        if after is not None:
            after_commit(lambda: after.append("ran"))
        raise ZeroDivisionError


def test_a_unit_of_work_commits_at_its_end(app: Flask) -> None:
    with unit_of_work():
        beat()
    db.session.remove()
    assert names() == ["one"]


def test_an_exception_undoes_everything(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError):
        run_broken()
    assert names() == []


def test_after_an_exception_the_next_unit_of_work_is_clean(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError):
        run_broken()
    with unit_of_work():
        beat("two")
    assert names() == ["two"]


def test_a_nested_unit_of_work_is_refused_and_the_outer_one_undone(app: Flask) -> None:
    def nested() -> None:
        with unit_of_work():
            beat()
            with unit_of_work():
                beat("two")

    with pytest.raises(RuntimeError):
        nested()
    assert names() == []


def test_a_change_made_outside_is_refused(app: Flask) -> None:
    beat()
    with pytest.raises(RuntimeError), unit_of_work():
        pass
    db.session.rollback()
    assert names() == []


def test_callbacks_run_in_order_once_the_data_is_safe(app: Flask) -> None:
    seen: list[object] = []
    with unit_of_work():
        beat()
        after_commit(lambda: seen.append(names()))
        after_commit(lambda: seen.append("second"))
        assert seen == []
    assert seen == [["one"], "second"]


def test_callbacks_do_not_run_after_an_exception_nor_later(app: Flask) -> None:
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError):
        run_broken(after=seen)
    with unit_of_work():
        beat()
    assert seen == []


def test_callbacks_do_not_run_when_the_commit_itself_fails(app: Flask) -> None:
    seen: list[str] = []

    def twice_the_same() -> None:
        with unit_of_work():
            after_commit(lambda: seen.append("ran"))
            db.session.execute(sa.insert(Heartbeat).values(name="one", at=T0))
            beat()

    with pytest.raises(sa.exc.IntegrityError):
        twice_the_same()
    assert seen == []
    assert names() == []


def test_a_callback_may_open_a_unit_of_work_of_its_own(app: Flask) -> None:
    def more() -> None:
        with unit_of_work():
            beat("two")

    with unit_of_work():
        beat()
        after_commit(more)
    assert names() == ["one", "two"]


def test_a_callback_without_a_unit_of_work_is_a_bug(app: Flask) -> None:
    with pytest.raises(RuntimeError):
        after_commit(lambda: None)


def test_changed_rows_says_how_many_and_forgets_what_was_loaded(app: Flask) -> None:
    with unit_of_work():
        beat()
    row = db.session.get_one(Heartbeat, "one")
    guarded = sa.update(Heartbeat).where(Heartbeat.name == "one", Heartbeat.at == T0)
    with unit_of_work():
        assert changed_rows(guarded.values(at=T0 + timedelta(hours=1))) == 1
        assert changed_rows(guarded.values(at=T0 + timedelta(hours=2))) == 0
        assert row.at == T0 + timedelta(hours=1)


def test_insert_new_inserts_once(app: Flask) -> None:
    with unit_of_work():
        assert insert_new(Heartbeat, ["name"], {"name": "one", "at": T0}) is True
        assert insert_new(Heartbeat, ["name"], {"name": "one", "at": T0 + timedelta(hours=1)}) is False
    assert db.session.scalars(sa.select(Heartbeat.at)).one() == T0


def test_insert_new_at_once_from_many_threads_is_new_for_one_and_fails_for_none(app: Flask) -> None:
    db.session.remove()
    start, new = threading.Barrier(8), []

    def work() -> None:
        with app.app_context():
            start.wait()
            with unit_of_work():
                new.append(insert_new(Heartbeat, ["name"], {"name": "one", "at": T0}))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False] * 7 + [True]


def test_a_guarded_update_has_one_winner_among_many_threads(app: Flask) -> None:
    with unit_of_work():
        beat()
    db.session.remove()
    start, won = threading.Barrier(8), []

    def work() -> None:
        with app.app_context():
            start.wait()
            with unit_of_work():
                won.append(changed_rows(sa.update(Heartbeat).where(Heartbeat.name == "one", Heartbeat.at == T0)
                                        .values(at=T0 + timedelta(hours=1))))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [0] * 7 + [1]


def test_a_naive_instant_is_refused_and_nothing_stored(app: Flask) -> None:
    def naive() -> None:
        with unit_of_work():
            beat(at=T0.replace(tzinfo=None))

    with pytest.raises(sa.exc.StatementError):
        naive()
    assert names() == []


def test_an_instant_of_another_zone_comes_back_as_the_same_instant_in_utc(app: Flask) -> None:
    with unit_of_work():
        beat(at=T0.astimezone(timezone(timedelta(hours=5, minutes=30))))
    db.session.remove()
    at = db.session.scalars(sa.select(Heartbeat.at)).one()
    assert (at, at.tzinfo) == (T0, UTC)


def test_instants_are_compared_in_the_database_as_instants(app: Flask) -> None:
    with unit_of_work():
        beat("early", T0)
        beat("late", T0 + timedelta(microseconds=1))
    zone = timezone(timedelta(hours=-7))
    later = db.session.scalars(sa.select(Heartbeat.name).where(Heartbeat.at > T0.astimezone(zone))).all()
    assert list(later) == ["late"]


class Colour(StrEnum):
    GREEN = "green"
    ORANGE = "orange"


def test_a_closed_set_is_stored_by_its_values_and_guarded_by_the_database(app: Flask) -> None:
    table = sa.Table("colours_of_the_test", sa.MetaData(), sa.Column("colour", str_enum(Colour)))
    table.create(db.engine)
    try:
        with db.engine.begin() as connection:
            connection.execute(table.insert().values(colour=Colour.ORANGE))
        with db.engine.connect() as connection:
            assert connection.execute(sa.text("SELECT colour FROM colours_of_the_test")).scalar_one() == "orange"
            assert connection.execute(sa.select(table.c.colour)).scalar_one() is Colour.ORANGE
        with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO colours_of_the_test VALUES ('blue')"))
    finally:
        table.drop(db.engine)


def test_none_is_no_instant_and_stays_none() -> None:
    dialect = sa.create_engine("sqlite://").dialect
    assert UtcDateTime().process_bind_param(None, dialect) is None
    assert UtcDateTime().process_result_value(None, dialect) is None


def test_sqlite_keeps_foreign_keys_and_a_write_ahead_log(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("SQLite only")
    pragmas = {name: db.session.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")}
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}


def test_a_callback_that_fails_after_the_commit_neither_undoes_the_work_nor_stops_the_others(app: Flask) -> None:
    ran: list[str] = []

    def fails() -> None:
        raise RuntimeError("kick")

    with unit_of_work():
        beat("kept")
        after_commit(fails)
        after_commit(lambda: ran.append("second"))
    assert ran == ["second"]
    assert db.session.get(Heartbeat, "kept") is not None
