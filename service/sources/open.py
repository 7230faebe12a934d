"""Opens the event log that the settings name."""

from __future__ import annotations

from service.errors import SettingsError, missing_extra
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
    """The embedded log of this home, or Kafka. The caller closes it. Raises SettingsError if Kafka's client is not
    installed."""
    if settings.event_log == "embedded":
        return SqliteLog(
            settings.home / "eventlog" / "events.db", settings.eventlog_partitions, settings.eventlog_keep_days
        )
    check_log(settings)
    try:
        from service.sources.kafkalog import KafkaLog  # an optional dependency
    except ImportError as error:
        raise missing_extra("RINGSIGHT_EVENT_LOG is kafka", "kafka") from error
    return KafkaLog(settings.kafka_servers, settings.kafka_topic, settings.kafka_config)
