#!/bin/sh
# Make the programme's namespace with its retention and search attributes; a repeat changes nothing.
set -eu
NAMESPACE=drumbeat
RETENTION=730d # an edition with its measurement, and after it; as shipped a server keeps three days

# A new server, and each part of it that hears of a new namespace, needs some seconds.
eventually() {
    tries=0
    until said=$("$@" 2>&1); do
        tries=$((tries + 1))
        if [ "$tries" -ge 60 ]; then
            echo "$said" >&2
            echo "Given up after a minute: $*" >&2
            exit 1
        fi
        sleep 1
    done
}

eventually temporal operator cluster health
if ! temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1; then
    eventually temporal operator namespace create --namespace "$NAMESPACE" --retention "$RETENTION"
fi
eventually temporal operator namespace update --namespace "$NAMESPACE" --retention "$RETENTION"
for name in Attention Edition Service Stage; do
    eventually temporal operator search-attribute create \
        --namespace "$NAMESPACE" --name "$name" --type Keyword
done
echo "The namespace $NAMESPACE is ready."
