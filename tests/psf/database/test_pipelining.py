"""What the server works at while Python goes on: in order, with its errors, and never longer."""

import threading
import time

import pytest
from django.db import IntegrityError, connection, transaction

from projects.imports.problems import Refused
from projects.models import Project
from psf.database import pipelining as module
from psf.database.pipelining import behind, run
from psf.search.models import SearchWord
from tests.projects.imports.support import everything, rows, save
from tests.support.factories import make_call, make_country, make_project

pytestmark = pytest.mark.django_db(transaction=True)
in_threads = pytest.mark.skipif(connection.vendor == "sqlite", reason="takes every step at once")


def slowly(statement):
    def step(cursor):
        time.sleep(0.1)
        cursor.execute(statement)

    return step


ADD = "INSERT INTO psf_searchword (id, word) VALUES ({0}, 'word')"


@in_threads
def test_python_goes_on():
    gone_on = threading.Event()
    with transaction.atomic(), behind():
        run(lambda cursor: gone_on.wait(20) or pytest.fail("It waited."))
        gone_on.set()


def test_a_statement_finds_what_steps_did_before_it():
    with transaction.atomic(), behind():
        run(slowly(ADD.format(1)))
        run(slowly(ADD.format(2)))
        assert SearchWord.objects.count() == 2
        run(slowly("DELETE FROM psf_searchword"))
    assert not SearchWord.objects.exists()


@pytest.mark.parametrize(
    "then", [lambda: None, SearchWord.objects.count, lambda: run(lambda cursor: None)]
)
def test_the_error_of_a_step_takes_everything_back(then):
    with pytest.raises(IntegrityError), transaction.atomic(), behind():
        run(slowly(ADD.format(1)))
        run(slowly(ADD.format(1)))
        then()
    assert not SearchWord.objects.exists()
    run(slowly(ADD.format(3)))
    assert SearchWord.objects.get().pk == 3


def test_no_thread_outlives_it():
    before, ended = threading.enumerate(), []

    def step(cursor):
        time.sleep(0.1)
        cursor.execute(ADD.format(1))
        ended.append(threading.current_thread())

    with pytest.raises(ZeroDivisionError), transaction.atomic(), behind():
        run(step)
        1 / 0  # noqa: B018
    assert len(ended) == 1
    assert threading.enumerate() == before
    assert not SearchWord.objects.exists()


@in_threads
def test_an_import_makes_use_of_it(tmp_path, monkeypatch):
    taken = []

    class Told(module.ThreadPoolExecutor):
        def submit(self, step, *arguments):
            return super().submit(lambda: taken.append(told(step, *arguments)))

    def told(step, cursor):
        step(cursor)
        return cursor.query.decode().split()[:2], threading.current_thread()

    monkeypatch.setattr(module, "ThreadPoolExecutor", Told)
    make_country("LV")
    save(tmp_path, make_call(), rows())
    statements = {
        " ".join(words) for words, thread in taken if thread is not threading.main_thread()
    }
    assert statements >= {
        'COPY "projects_project"',
        'COPY "projects_partnership"',
        "UPDATE psf_search_project",
    }
    assert Project.objects.get().partnerships.count() == 1


def test_an_import_that_fails_there_is_refused_and_leaves_nothing(tmp_path):
    make_country("LV")
    call = make_call()
    before = everything()

    def somebody_else(what, done, total):
        if what == "Organisations saved":
            make_project(call=call, reference="PSF-2030-01")

    with pytest.raises(Refused, match="Somebody is changing these records"):
        save(tmp_path, call, rows(), progress=somebody_else)
    assert everything() == before
