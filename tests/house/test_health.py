import pytest
from django.db import OperationalError, connection


def test_process_answers_without_a_database(client):
    response = client.get("/healthz", headers={"host": "10.0.0.7"})

    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_while_the_database_can_be_written(client):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"database": "writable", "oldest_due_age_seconds": 0.0}


@pytest.mark.django_db
def test_not_ready_when_writing_is_refused(client):
    def refuse(execute, sql, params, many, context):
        raise OperationalError("attempt to write a readonly database")

    with connection.execute_wrapper(refuse):
        response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"database": "not writable"}


def test_probes_change_nothing(client):
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405
