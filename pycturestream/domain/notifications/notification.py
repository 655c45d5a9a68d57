"""Who is notified about which alerts, and when: one situation, one message.

`ingest` takes in a record of the log, `decide` returns the messages that are due. Both are pure: a
state that is stored together with its messages never leads to the same message twice.

A situation gets a message of its own; its growth and its end are replies to that message. What
would be too many messages waits and is grouped in a digest: what exceeds BURST, what the same rule
of a camera raises soon after a message (`cooldown_ms`), what came in quiet hours, and what is old
when it arrives here.
"""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.alerts.wording import title
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.notifications.recipient import Channel, Recipient
from pycturestream.domain.times import HOUR_MS, MINUTE_MS, Millis
from pycturestream.languages.catalog import DEFAULT_LANGUAGE, Language

MessageKind = Literal["raised", "updated", "cleared", "digest", "test"]

BURST = 6
"""Messages to one recipient within `digest_ms` before further ones wait for a digest: three
situations from beginning to end."""
COLLECT_MS = MINUTE_MS
"""How long a digest waits for more, from the first situation in it."""
LATE_MS = 15 * MINUTE_MS
"""An alert that is older when it is read was delayed: it is no longer urgent, and more follow."""
GROWTH = 2
"""An update is worth a message when the count has grown by this factor since the last one."""
KEEP_MS = 7 * 24 * HOUR_MS
"""How long a situation without new records is kept: longer than any span of the log that a crash
makes the job write again."""


class Notified(Struct, frozen=True):
    """The last message to a recipient about a situation."""

    thread: str
    """The id of the first message about it."""
    title: str
    """That of the first message: mail programs begin a new thread when the subject changes."""
    alone: bool
    """Whether it has a message of its own, to which further ones reply."""
    count: int
    level: int
    at: Millis
    over: bool = False


class Situation(Struct, frozen=True):
    """An alert as it is now, and who was notified about it."""

    alert: AlertRecord
    ingested_at: Millis = field(name="noticed_at")
    """When its last record was ingested."""
    notified: Mapping[str, Notified] = field(default_factory=dict, name="told")
    """By recipient."""
    muted: bool = False
    """Nobody is ever notified: it was raised in a silence, or before the first start."""


class Pending(Struct, frozen=True):
    """A situation may need a message."""

    since: Millis
    delayed: bool = field(default=False, name="held")
    """It could not be sent at once, so others may have come that are grouped with it."""


class RecipientState(Struct, frozen=True):
    """What is known of one recipient."""

    pending: Mapping[str, Pending] = field(default_factory=dict, name="waiting")
    """By alert id."""
    sent: tuple[Millis, ...] = ()
    """Times of the messages in the last hour."""
    digest_at: Millis = 0
    """When the last digest was sent."""
    notified_rules: Mapping[str, Millis] = field(default_factory=dict, name="cooling")
    """When the last message about each rule of a camera was sent."""


class NotificationState(Struct, frozen=True):
    """The whole state of the alert service."""

    situations: Mapping[str, Situation] = field(default_factory=dict)
    """By alert id."""
    recipient_states: Mapping[str, RecipientState] = field(default_factory=dict)
    """By recipient."""


class Message(Struct, frozen=True):
    """What one recipient gets, by email, webhook or both."""

    id: str
    """Made of its meaning: the same message has the same id, however often it is decided."""
    recipient: str
    kind: MessageKind
    alerts: tuple[AlertRecord, ...]
    at: Millis
    title: str = ""
    """That of the first message about the situation."""
    thread: str | None = None
    """The id of the message that it replies to."""
    language: Language = DEFAULT_LANGUAGE
    """Of the recipient, when it was decided."""


class DeliveryResult(Struct, frozen=True):
    """The result of sending a test message on one channel."""

    channel: Channel
    rejection: str | None = None
    """Why it was not accepted, in one line; None where it was."""
    place: str = ""
    """The address of the server or receiver, where the rejection does not name it."""


def ingest(
    state: NotificationState,
    alert: AlertRecord,
    recipients: Iterable[Recipient],
    commands: AlertCommands,
    now: Millis,
) -> NotificationState:
    """Return the state after a record of `alerts`. A record that was ingested changes nothing."""
    before = state.situations.get(alert.id)
    if alert.run != LIVE or (before and before.alert.revision >= alert.revision):
        return state
    notified = before.notified if before else {}
    muted = before is not None and before.muted
    muted = muted or (not notified and _silenced(alert, commands))
    situations = {**state.situations, alert.id: Situation(alert, now, notified, muted)}
    recipient_states = dict(state.recipient_states)
    for recipient in recipients:
        if not muted and (recipient.name in notified or recipient.wants(alert)):
            one = recipient_states.get(recipient.name, RecipientState())
            # A higher level starts anew, whatever was pending and delayed before.
            fresh = Pending(now)
            if before and alert.level == before.alert.level:
                fresh = one.pending.get(alert.id, fresh)
            pending = {**one.pending, alert.id: fresh}
            recipient_states[recipient.name] = replace(one, pending=pending)
    return NotificationState(situations, recipient_states)


def restore(
    state: NotificationState, alert: AlertRecord, recipients: Iterable[Recipient], now: Millis
) -> NotificationState:
    """Return the state after a record from before the store was lost or made.

    The given recipients count as notified; without any, nobody was and nobody will be.
    """
    before = state.situations.get(alert.id)
    if alert.run != LIVE or (before and before.alert.revision >= alert.revision):
        return state
    notified = {
        recipient.name: Notified(
            thread=_id(recipient.name, "raised", [alert.id]),
            title=title(alert, recipient.language),
            alone=True,
            count=alert.count,
            level=alert.level,
            at=now,
            over=alert.is_over,
        )
        for recipient in recipients
        if recipient.wants(alert)
    }
    situation = Situation(alert, now, notified, muted=not notified)
    return replace(state, situations={**state.situations, alert.id: situation})


def decide(
    state: NotificationState, recipients: Iterable[Recipient], commands: AlertCommands, now: Millis
) -> tuple[NotificationState, tuple[Message, ...]]:
    """Return the messages that are due, and the state as if they were sent now."""
    state = clamp(state, now)
    messages: list[Message] = []
    situations = dict(state.situations)
    recipient_states = {}
    for recipient in recipients:
        before = state.recipient_states.get(recipient.name)
        if before is None:
            continue
        if before.pending:
            decision = _Decision(recipient, before, situations, commands, now)
            messages += decision.messages()
            before = decision.state()
        recipient_states[recipient.name] = before
    return NotificationState(situations, recipient_states), tuple(messages)


def clamp(state: NotificationState, now: Millis) -> NotificationState:
    """Return the state without times to come, which a clock that was wrong has left in it.

    They count as from now: what was sent then was sent before the clock was set back. The same
    state where there are none.
    """
    situations = {
        alert_id: replace(
            one,
            ingested_at=min(one.ingested_at, now),
            notified={
                name: replace(last, at=min(last.at, now)) for name, last in one.notified.items()
            },
        )
        for alert_id, one in state.situations.items()
        if one.ingested_at > now or any(last.at > now for last in one.notified.values())
    }
    recipient_states = {
        name: RecipientState(
            {
                alert_id: replace(pending, since=min(pending.since, now))
                for alert_id, pending in one.pending.items()
            },
            tuple(min(at, now) for at in one.sent),
            min(one.digest_at, now),
            {rule: min(at, now) for rule, at in one.notified_rules.items()},
        )
        for name, one in state.recipient_states.items()
        if max(
            (
                one.digest_at,
                *one.sent,
                *one.notified_rules.values(),
                *(pending.since for pending in one.pending.values()),
            )
        )
        > now
    }
    if not situations and not recipient_states:
        return state
    return NotificationState(
        {**state.situations, **situations}, {**state.recipient_states, **recipient_states}
    )


def forget(state: NotificationState, now: Millis) -> NotificationState:
    """Return the state without the situations whose last record is older than KEEP_MS."""
    kept = {
        alert_id: situation
        for alert_id, situation in state.situations.items()
        if situation.ingested_at > now - KEEP_MS
    }
    return replace(state, situations=kept)


def erase(state: NotificationState, erasures: Erasures) -> NotificationState:
    """Return the state without the situations of which any moment is erased.

    The same state where there are none. Nobody is notified that they have ended.
    """
    gone = {
        alert_id
        for alert_id, situation in state.situations.items()
        if situation.alert.is_erased(erasures)
    }
    recipient_states = {
        name: _erase_of_recipient(one, gone, erasures)
        for name, one in state.recipient_states.items()
    }
    unchanged = all(recipient_states[name] is one for name, one in state.recipient_states.items())
    if not gone and unchanged:
        return state
    situations = {name: one for name, one in state.situations.items() if name not in gone}
    return NotificationState(situations, recipient_states)


def erase_from_message(message: Message, erasures: Erasures) -> Message | None:
    """Return a message without the erased alerts; None where it is about no others.

    The same message where none is erased.
    """
    kept = tuple(alert for alert in message.alerts if not alert.is_erased(erasures))
    if len(kept) == len(message.alerts):
        return message
    return replace(message, alerts=kept) if kept else None


def _erase_of_recipient(
    one: RecipientState, gone: Container[str], erasures: Erasures
) -> RecipientState:
    pending = {alert_id: wait for alert_id, wait in one.pending.items() if alert_id not in gone}
    notified_rules = {
        rule: at
        for rule, at in one.notified_rules.items()
        if not erasures.covers(rule.partition(":")[0], at)
    }
    if len(pending) == len(one.pending) and len(notified_rules) == len(one.notified_rules):
        return one
    return replace(one, pending=pending, notified_rules=notified_rules)


def new_test_message(recipient: str, now: Millis, language: Language = DEFAULT_LANGUAGE) -> Message:
    """Return a message that only shows that messages arrive."""
    test_id = _id(recipient, "test", [str(now)])
    return Message(test_id, recipient, "test", (), now, language=language)


class _Decision:
    """The pending situations of one recipient at one moment, sorted into messages."""

    def __init__(
        self,
        recipient: Recipient,
        before: RecipientState,
        situations: dict[str, Situation],
        commands: AlertCommands,
        now: Millis,
    ) -> None:
        """Notifications are entered in `situations`."""
        self._recipient = recipient
        self._situations = situations
        self._commands = commands
        self._now = now
        self._pending = dict(before.pending)
        self._sent = [at for at in before.sent if at > now - HOUR_MS]
        self._digest_at = before.digest_at
        self._notified_rules = {
            rule: at
            for rule, at in before.notified_rules.items()
            if at > now - recipient.cooldown_ms
        }

    def state(self) -> RecipientState:
        """Return the state after the messages."""
        return RecipientState(
            self._pending, tuple(self._sent), self._digest_at, dict(self._notified_rules)
        )

    def messages(self) -> list[Message]:
        """Return the messages that are due; the most dangerous come first."""
        messages, grouped = [], []
        for situation in self._due():
            alert = situation.alert
            if self._is_quiet(situation) or self._cools_down(situation):
                self._pending[alert.id] = replace(self._pending[alert.id], delayed=True)
            elif self._was_just_notified(situation):
                pass
            elif self._stands_alone(situation) and self._has_room():
                messages.append(self._notify([situation]))
            else:
                grouped.append(situation)
        if self._digest_is_due(grouped):
            self._digest_at = self._now
            messages.append(self._notify(grouped))
        return messages

    def _due(self) -> list[Situation]:
        """Return the situations that need a message; the others are no longer pending."""
        found = []
        for alert_id in list(self._pending):
            situation = self._situations.get(alert_id)
            if situation and self._kind(situation):
                found.append(situation)
            else:
                del self._pending[alert_id]
        return sorted(found, key=lambda one: (-one.alert.level, one.alert.raised_at, one.alert.id))

    def _kind(self, situation: Situation) -> MessageKind | None:
        """Return the kind of message that a situation needs, or None."""
        alert, last = situation.alert, self._last(situation)
        acknowledged = self._commands.acknowledged(alert.id) is not None
        kind: MessageKind | None = None
        if situation.muted or self._commands.wrong(alert.id) or (last and last.over):
            kind = None
        elif last is None:
            suppressed = acknowledged or _silenced(alert, self._commands)
            kind = None if suppressed else "raised"
        elif alert.is_over:
            kind = "cleared"
        elif not acknowledged and (self._is_worse(situation) or self._has_grown(situation)):
            kind = "updated"
        return kind

    def _is_quiet(self, situation: Situation) -> bool:
        return self._recipient.must_wait(situation.alert.level, self._now)

    def _cools_down(self, situation: Situation) -> bool:
        """Whether there was a message about another situation of its rule just before."""
        return self._last(situation) is None and _rule_of(situation.alert) in self._notified_rules

    def _was_just_notified(self, situation: Situation) -> bool:
        """Whether it has only grown, and its last message is younger than the cooldown."""
        last = self._last(situation)
        if last is None or situation.alert.is_over or self._is_worse(situation):
            return False
        return self._now < last.at + self._recipient.cooldown_ms

    def _stands_alone(self, situation: Situation) -> bool:
        """Whether it gets a message of its own, as long as there is room for it."""
        alert, last = situation.alert, self._last(situation)
        if self._pending[alert.id].delayed or alert.updated_at < self._now - LATE_MS:
            return False
        if last is None:
            return not alert.is_over
        return last.alone or self._is_worse(situation)

    def _has_room(self) -> bool:
        """Whether a further message leaves room for the digests of an hour."""
        recent = sum(at > self._now - self._recipient.digest_ms for at in self._sent)
        room = self._recipient.hourly_limit - self._recipient.digests_per_hour
        return recent < BURST and len(self._sent) < room

    def _digest_is_due(self, grouped: Sequence[Situation]) -> bool:
        if not grouped:
            return False
        since = min(self._pending[situation.alert.id].since for situation in grouped)
        return self._now >= max(self._digest_at + self._recipient.digest_ms, since + COLLECT_MS)

    def _notify(self, situations: Sequence[Situation]) -> Message:
        """Return the message, and enter that it was sent: with this the cooldown begins."""
        message = self._message(situations)
        self._sent.append(self._now)
        for situation in situations:
            alert, before = situation.alert, self._last(situation)
            last = Notified(
                thread=before.thread if before else message.id,
                title=before.title if before else title(alert, self._recipient.language),
                alone=message.kind != "digest" or (before is not None and before.alone),
                count=alert.count,
                level=alert.level,
                at=self._now,
                over=alert.is_over,
            )
            self._situations[alert.id] = replace(
                situation, notified={**situation.notified, self._recipient.name: last}
            )
            if not (before and alert.is_over):  # an all-clear starts no cooldown
                self._notified_rules[_rule_of(alert)] = self._now
            del self._pending[alert.id]
        return message

    def _message(self, situations: Sequence[Situation]) -> Message:
        """Return a digest, or the message of its own for one situation."""
        alerts = tuple(situation.alert for situation in situations)
        name, language = self._recipient.name, self._recipient.language
        kind = self._kind(situations[0])
        if len(situations) > 1 or kind is None:
            marks = [f"{alert.id}:{alert.revision}" for alert in alerts]
            return Message(
                _id(name, "digest", marks), name, "digest", alerts, self._now, language=language
            )
        before = self._last(situations[0])
        marks = [alerts[0].id] if before is None else [alerts[0].id, str(alerts[0].revision)]
        return Message(
            _id(name, kind, marks),
            name,
            kind,
            alerts,
            self._now,
            before.title if before else title(alerts[0], language),
            before.thread if before else None,
            language,
        )

    def _last(self, situation: Situation) -> Notified | None:
        """Return the last message to this recipient about a situation."""
        return situation.notified.get(self._recipient.name)

    def _is_worse(self, situation: Situation) -> bool:
        last = self._last(situation)
        return last is not None and situation.alert.level > last.level

    def _has_grown(self, situation: Situation) -> bool:
        last = self._last(situation)
        return last is not None and situation.alert.count >= GROWTH * max(last.count, 1)


def _silenced(alert: AlertRecord, commands: AlertCommands) -> bool:
    return commands.silence(alert.camera_id, alert.rule, alert.raised_at) is not None


def _rule_of(alert: AlertRecord) -> str:
    """Return the key of a camera's rule; it is unique, as no camera id contains a colon."""
    return f"{alert.camera_id}:{alert.rule}"


def _id(recipient: str, kind: str, marks: Sequence[str]) -> str:
    """Return 32 hexadecimal digits, a hash of the meaning, which are safe in any header."""
    meaning = "\n".join((recipient, kind, *marks))
    return hashlib.sha256(meaning.encode()).hexdigest()[:32]
