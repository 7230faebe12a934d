"""Opens the event log that the settings name."""

from __future__ import annotations

from service.errors import SettingsError
from service.settings import Settings
from service.sources.eventlog import EventLog
from service.sources.sqlitelog import SqliteLog


def check_log(settings: Settings) -> None:
    """Raises SettingsError if the settings name no event log."""
    if settings.event_log == "kafka" and not settings.kafka_servers:
        raise SettingsError(
            "RINGSIGHT_EVENT_LOG is kafka but RINGSIGHT_KAFKA_SERVERS is empty; name a broker, host:port"
        )


def open_log(settings: Settings) -> EventLog:
    """The embedded log of this home, or Kafka. The caller closes it."""
    if settings.event_log == "embedded":
        return SqliteLog(
            settings.home / "eventlog" / "events.db", settings.eventlog_partitions, settings.eventlog_keep_days
        )
    check_log(settings)
    from service.sources.kafkalog import KafkaLog  # needs the extra "kafka"

    return KafkaLog(settings.kafka_servers, settings.kafka_topic, settings.kafka_config)
