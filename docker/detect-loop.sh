#!/bin/sh
# One detection run after another, DETECT_EVERY_S seconds (default 900) from the end of one to the start of the next.
# A run that fails is told and tried again at the next turn: what was published last stays. Stops at a signal.
set -u
stop() {
  trap - TERM INT
  kill "$child" 2>/dev/null
  wait "$child"
  exit 0
}
trap stop TERM INT
while true; do
  ringsight detect &
  child=$!
  wait "$child" || echo "the detection run failed (exit $?); the next one starts in ${DETECT_EVERY_S:-900} s" >&2
  sleep "${DETECT_EVERY_S:-900}" &
  child=$!
  wait "$child"
done
