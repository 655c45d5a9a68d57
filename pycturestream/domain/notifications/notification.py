"""Who is told what of alerts, and when: one situation, one message.

`ingest` enters what the log says, `decide` returns the messages that are due; both are pure, so
that a memory which is kept together with the messages that it led to never tells twice.

A situation is told in a message of its own, its growth and its end as answers to that message.
What would be too much waits and comes together, as a digest: what exceeds BURST, what the same
camera's rule raises soon after a message on it (`cooldown_ms`), what came in quiet hours, and
what is old when it gets here.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.alerts.alert_record import AlertRecord, title
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.notifications.recipient import Channel, Recipient
from pycturestream.domain.times import HOUR_MS, MINUTE_MS, Millis

MessageKind = Literal["raised", "updated", "cleared", "digest", "test"]

BURST = 6
"""Messages to one recipient within `digest_ms` before the next ones wait for a digest: three
situations from beginning to end."""
COLLECT_MS = MINUTE_MS
"""How long a digest waits for more after the first that waits for it."""
LATE_MS = 15 * MINUTE_MS
"""What is older when it is read was held up on its way: nobody runs for it, and there is more."""
GROWTH = 2
"""An update is worth a message when the number has grown so many times since the last one."""
KEEP_MS = 7 * 24 * HOUR_MS
"""How long a situation of which nothing more is heard is remembered: longer than any crash makes
the log be written again."""


class Notified(Struct, frozen=True):
    """What a recipient was told of a situation last."""

    thread: str
    """The id of the message that told of it first."""
    title: str
    """As that message had it: where the subject changes, mail programs begin a new thread."""
    alone: bool
    """Whether it has a message of its own: further ones answer it."""
    count: int
    level: int
    at: Millis
    over: bool = False


class Situation(Struct, frozen=True):
    """An alert as it stands, and who was told what of it."""

    alert: AlertRecord
    noticed_at: Millis
    told: Mapping[str, Notified] = field(default_factory=dict)
    """By recipient."""
    muted: bool = False
    """Nobody is ever told: it was raised in a silence, or before anybody was to be told."""


class Pending(Struct, frozen=True):
    """Something of a situation may have to be told."""

    since: Millis
    held: bool = False
    """It could not be told at once, so that others may have come to be told with it."""


class RecipientState(Struct, frozen=True):
    """What is remembered of one recipient."""

    waiting: Mapping[str, Pending] = field(default_factory=dict)
    """By alert id."""
    sent: tuple[Millis, ...] = ()
    """When, in the last hour."""
    digest_at: Millis = 0
    """When the last digest was sent."""
    cooling: Mapping[str, Millis] = field(default_factory=dict)
    """When a camera's rule was told of last."""


class NotificationState(Struct, frozen=True):
    """All that is remembered."""

    situations: Mapping[str, Situation] = field(default_factory=dict)
    """By alert id."""
    recipient_states: Mapping[str, RecipientState] = field(default_factory=dict)
    """By recipient."""


class Message(Struct, frozen=True):
    """What one recipient is told, by mail, webhook or both."""

    id: str
    """Made of its meaning: the same situation told again has the same."""
    recipient: str
    kind: MessageKind
    alerts: tuple[AlertRecord, ...]
    at: Millis
    title: str = ""
    """Of the situation, as it was told first."""
    thread: str | None = None
    """The id of the message that it answers."""


class DeliveryAttempt(Struct, frozen=True):
    """What came of a trial on one channel."""

    channel: Channel
    rejection: str | None = None
    """Why it was not taken, in one line; None where it was."""
    place: str = ""
    """The server or receiver that refused it, where the refusal does not say it all."""


def ingest(
    state: NotificationState,
    alert: AlertRecord,
    recipients: Iterable[Recipient],
    commands: AlertCommands,
    now: Millis,
) -> NotificationState:
    """Return the memory after a record of `alerts`. One that was read before changes nothing."""
    before = state.situations.get(alert.id)
    if alert.run != LIVE or (before and before.alert.revision >= alert.revision):
        return state
    told = before.told if before else {}
    muted = before is not None and before.muted
    muted = muted or (not told and _silenced(alert, commands))
    situations = {**state.situations, alert.id: Situation(alert, now, told, muted)}
    recipient_states = dict(state.recipient_states)
    for recipient in recipients:
        if not muted and (recipient.name in told or recipient.wants(alert)):
            memory = recipient_states.get(recipient.name, RecipientState())
            # What got worse is news, whatever waits already.
            fresh = Pending(now)
            if before and alert.level == before.alert.level:
                fresh = memory.waiting.get(alert.id, fresh)
            waiting = {**memory.waiting, alert.id: fresh}
            recipient_states[recipient.name] = replace(memory, waiting=waiting)
    return NotificationState(situations, recipient_states)


def restore(
    state: NotificationState, alert: AlertRecord, recipients: Iterable[Recipient], now: Millis
) -> NotificationState:
    """Return the memory after a record of a time that it has forgotten, or never knew.

    Those recipients were told; where there are none, nobody was and nobody will be.
    """
    before = state.situations.get(alert.id)
    if alert.run != LIVE or (before and before.alert.revision >= alert.revision):
        return state
    told = {
        recipient.name: Notified(
            thread=_id(recipient.name, "raised", [alert.id]),
            title=title(alert),
            alone=True,
            count=alert.count,
            level=alert.level,
            at=now,
            over=alert.is_over,
        )
        for recipient in recipients
        if recipient.wants(alert)
    }
    situation = Situation(alert, now, told, muted=not told)
    return replace(state, situations={**state.situations, alert.id: situation})


def decide(
    state: NotificationState, recipients: Iterable[Recipient], commands: AlertCommands, now: Millis
) -> tuple[NotificationState, tuple[Message, ...]]:
    """Return the memory and the messages that are due, as if they were sent now."""
    messages: list[Message] = []
    situations = dict(state.situations)
    recipient_states = {}
    for recipient in recipients:
        before = state.recipient_states.get(recipient.name)
        if before is None:
            continue
        if before.waiting:
            decision = _Decision(recipient, before, situations, commands, now)
            messages += decision.clear()
            before = decision.memory()
        recipient_states[recipient.name] = before
    return NotificationState(situations, recipient_states), tuple(messages)


def forget(state: NotificationState, now: Millis) -> NotificationState:
    """Return the memory without what was heard of last long ago."""
    kept = {
        alert_id: situation
        for alert_id, situation in state.situations.items()
        if situation.noticed_at > now - KEEP_MS
    }
    return replace(state, situations=kept)


def new_test_message(recipient: str, now: Millis) -> Message:
    """Return a message that only shows that messages arrive."""
    return Message(_id(recipient, "test", [str(now)]), recipient, "test", (), now)


class _Decision:
    """One recipient's waiting news at one moment, sorted into messages."""

    def __init__(
        self,
        recipient: Recipient,
        memory: RecipientState,
        situations: dict[str, Situation],
        commands: AlertCommands,
        now: Millis,
    ) -> None:
        """Begin; what is told is entered in `situations`."""
        self._recipient = recipient
        self._situations = situations
        self._commands = commands
        self._now = now
        self._waiting = dict(memory.waiting)
        self._sent = [at for at in memory.sent if at > now - HOUR_MS]
        self._digest_at = memory.digest_at
        self._cooling = {
            rule: at for rule, at in memory.cooling.items() if at > now - recipient.cooldown_ms
        }

    def memory(self) -> RecipientState:
        return RecipientState(
            self._waiting, tuple(self._sent), self._digest_at, dict(self._cooling)
        )

    def clear(self) -> list[Message]:
        """Return the messages that are due; the most dangerous go first."""
        messages, together = [], []
        for situation in self._worth_telling():
            alert = situation.alert
            if self._is_quiet(situation) or self._cools_down(situation):
                self._waiting[alert.id] = replace(self._waiting[alert.id], held=True)
            elif self._has_just_been_told(situation):
                pass
            elif self._stands_alone(situation) and self._has_room():
                messages.append(self._tell([situation]))
            else:
                together.append(situation)
        if self._digest_is_due(together):
            self._digest_at = self._now
            messages.append(self._tell(together))
        return messages

    def _worth_telling(self) -> list[Situation]:
        """Return the situations with news; the others wait no longer."""
        found = []
        for alert_id in list(self._waiting):
            situation = self._situations.get(alert_id)
            if situation and self._kind(situation):
                found.append(situation)
            else:
                del self._waiting[alert_id]
        return sorted(found, key=lambda one: (-one.alert.level, one.alert.raised_at, one.alert.id))

    def _kind(self, situation: Situation) -> MessageKind | None:
        """Return what there is to tell, or None."""
        alert, told = situation.alert, self._told(situation)
        acknowledged = self._commands.acknowledged(alert.id) is not None
        kind: MessageKind | None = None
        if situation.muted or self._commands.wrong(alert.id) or (told and told.over):
            kind = None
        elif told is None:
            hushed = acknowledged or _silenced(alert, self._commands)
            kind = None if hushed else "raised"
        elif alert.is_over:
            kind = "cleared"
        elif not acknowledged and (self._is_worse(situation) or self._has_grown(situation)):
            kind = "updated"
        return kind

    def _is_quiet(self, situation: Situation) -> bool:
        return self._recipient.must_wait(situation.alert.level, self._now)

    def _cools_down(self, situation: Situation) -> bool:
        """Whether another situation of its rule has just been told."""
        return self._told(situation) is None and _rule_of(situation.alert) in self._cooling

    def _has_just_been_told(self, situation: Situation) -> bool:
        """Whether it has only grown, and its last message is younger than the cooldown."""
        told = self._told(situation)
        if told is None or situation.alert.is_over or self._is_worse(situation):
            return False
        return self._now < told.at + self._recipient.cooldown_ms

    def _stands_alone(self, situation: Situation) -> bool:
        """Whether it gets a message of its own while there is room for that."""
        alert, told = situation.alert, self._told(situation)
        if self._waiting[alert.id].held or alert.updated_at < self._now - LATE_MS:
            return False
        if told is None:
            return not alert.is_over
        return told.alone or self._is_worse(situation)

    def _has_room(self) -> bool:
        """Whether a further message leaves room for the digests of an hour."""
        recent = sum(at > self._now - self._recipient.digest_ms for at in self._sent)
        room = self._recipient.hourly_limit - self._recipient.digests_per_hour
        return recent < BURST and len(self._sent) < room

    def _digest_is_due(self, together: Sequence[Situation]) -> bool:
        if not together:
            return False
        since = min(self._waiting[situation.alert.id].since for situation in together)
        return self._now >= max(self._digest_at + self._recipient.digest_ms, since + COLLECT_MS)

    def _tell(self, told: Sequence[Situation]) -> Message:
        """Return the message, and remember that it was sent: with this the cooldown begins."""
        message = self._message(told)
        self._sent.append(self._now)
        for situation in told:
            alert, before = situation.alert, self._told(situation)
            now_told = Notified(
                thread=before.thread if before else message.id,
                title=before.title if before else title(alert),
                alone=message.kind != "digest" or (before is not None and before.alone),
                count=alert.count,
                level=alert.level,
                at=self._now,
                over=alert.is_over,
            )
            self._situations[alert.id] = replace(
                situation, told={**situation.told, self._recipient.name: now_told}
            )
            if not (before and alert.is_over):  # an all-clear hushes nothing
                self._cooling[_rule_of(alert)] = self._now
            del self._waiting[alert.id]
        return message

    def _message(self, told: Sequence[Situation]) -> Message:
        """Return a digest, or for one situation its own message."""
        alerts = tuple(situation.alert for situation in told)
        name = self._recipient.name
        kind = self._kind(told[0])
        if len(told) > 1 or kind is None:
            marks = [f"{alert.id}:{alert.revision}" for alert in alerts]
            return Message(_id(name, "digest", marks), name, "digest", alerts, self._now)
        before = self._told(told[0])
        marks = [alerts[0].id] if before is None else [alerts[0].id, str(alerts[0].revision)]
        return Message(
            _id(name, kind, marks),
            name,
            kind,
            alerts,
            self._now,
            before.title if before else title(alerts[0]),
            before.thread if before else None,
        )

    def _told(self, situation: Situation) -> Notified | None:
        return situation.told.get(self._recipient.name)

    def _is_worse(self, situation: Situation) -> bool:
        told = self._told(situation)
        return told is not None and situation.alert.level > told.level

    def _has_grown(self, situation: Situation) -> bool:
        told = self._told(situation)
        return told is not None and situation.alert.count >= GROWTH * max(told.count, 1)


def _silenced(alert: AlertRecord, commands: AlertCommands) -> bool:
    return commands.silence(alert.camera_id, alert.rule, alert.raised_at) is not None


def _rule_of(alert: AlertRecord) -> str:
    """Return what cools down: no camera id has a colon."""
    return f"{alert.camera_id}:{alert.rule}"


def _id(recipient: str, kind: str, marks: Sequence[str]) -> str:
    """Return 32 letters that follow from the meaning, and may stand in any header."""
    meaning = "\n".join((recipient, kind, *marks))
    return hashlib.sha256(meaning.encode()).hexdigest()[:32]
