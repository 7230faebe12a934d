#!/bin/sh
# Makes docker/secrets/: the graph database's password, in the two shapes that its users read. Keeps what is there.
set -eu
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
chmod 700 "$folder"
if [ -e "$folder/neo4j_password" ]; then
  echo "$folder is there already"
  exit 0
fi
password=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
# Readable by the containers' own users, who are others than you: the folder keeps everyone else on this machine out.
(umask 022; printf '%s' "$password" > "$folder/neo4j_password"; printf 'neo4j/%s' "$password" > "$folder/neo4j_auth")
echo "made $folder"
