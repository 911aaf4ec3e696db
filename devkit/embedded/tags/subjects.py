"""Subjects: deprecated at OpenMeter, still served."""

from devkit.embedded.domain import subjects as rules
from devkit.embedded.domain.subjects import Subject
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.subjects import all_subjects, find_subject, live_subject, put_subject


def list_subjects(call: Call) -> Reply:
    return Reply(200, all_subjects(call.store))


def upsert_subject(call: Call) -> Reply:
    """Each item for itself: those before a refused one stay written. Which exist already is looked up before."""
    rules.check_items(call.body)
    known = {item["key"]: live_subject(call.store, item["key"]) for item in call.body}
    written = [_upsert(call, item, known[item["key"]]) for item in call.body]
    return Reply(200, written or None)


def _upsert(call: Call, item: Subject, known: Subject | None) -> Subject:
    now = format_instant(call.store.now())
    if known is None:
        subject = rules.create(item, id_=call.store.new_id(), now=now)
    else:
        subject = rules.update(find_subject(call.store, known["id"]) or known, item, now=now)
    with call.store.records.transaction():
        if known is None and live_subject(call.store, subject["key"]) is not None:
            raise rules.exists_already(subject["key"])
        put_subject(call.store, subject)
    return subject


def get_subject(call: Call) -> Reply:
    return Reply(200, _required(call))


def delete_subject(call: Call) -> Reply:
    """A soft delete; deleting again by id does nothing."""
    subject = _required(call)
    if "deletedAt" not in subject:
        put_subject(call.store, rules.deleted(subject, now=format_instant(call.store.now())))
    return Reply(204)


def _required(call: Call) -> Subject:
    id_or_key = call.path["subjectIdOrKey"]
    found = find_subject(call.store, id_or_key)
    if found is None:
        raise rules.unknown(call.settings.namespace, id_or_key)
    return found


ROUTES = (
    Route("listSubjects", list_subjects),
    Route("upsertSubject", upsert_subject, atomic=False),
    Route("getSubject", get_subject),
    Route("deleteSubject", delete_subject),
)
