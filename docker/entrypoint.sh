#!/bin/sh
# Secrets from files: for each RINGSIGHT_NAME_FILE, the content of that file becomes RINGSIGHT_NAME. Then runs its
# arguments as this very process, so that a stop reaches them.
set -eu
for variable in $(env | sed -n 's/^\(RINGSIGHT_[A-Z0-9_]*_FILE\)=.*/\1/p'); do
  eval "file=\$$variable"
  if [ ! -r "$file" ]; then
    echo "error: $variable names $file, which can't be read" >&2
    exit 1
  fi
  value=$(cat "$file")
  export "${variable%_FILE}=$value"
  unset "$variable"
done
exec "$@"
