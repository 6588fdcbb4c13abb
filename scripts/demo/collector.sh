# SPDX-License-Identifier: Apache-2.0
# A collector that watches a demo, to be sourced: start_collector [PAGE_PORT] sets SYSLOG_PORT and
# PAGE_URL; its store is $WORK/fleet.db.

COLLECTOR_PID=
SYSLOG_PORT=
PAGE_URL=

start_collector() {
    rm -f "$WORK"/fleet.db*
    # shellcheck disable=SC2154
    $LCM collect --store "$WORK/fleet.db" --listen 127.0.0.1 --port 0 --tcp-port none --broadcast-port none \
        --page-port "${1:-0}" --json >"$WORK/collector.json" 2>"$WORK/collector.err" &
    COLLECTOR_PID=$!
    for _ in $(seq 100); do
        if grep -q '"start"' "$WORK/collector.json"; then break; fi
        kill -0 "$COLLECTOR_PID" 2>/dev/null || fail "the collector did not start: $(cat "$WORK/collector.err")"
        sleep 0.1
    done
    SYSLOG_PORT=$(sed -n 's/.*"udp":\([0-9]*\).*/\1/p' "$WORK/collector.json")
    PAGE_URL=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$WORK/collector.json")
}

stop_collector() {
    if [ -n "$COLLECTOR_PID" ]; then
        kill "$COLLECTOR_PID" 2>/dev/null || true
        wait "$COLLECTOR_PID" 2>/dev/null || true
    fi
    COLLECTOR_PID=
}

# page_port: the well-known port of the page, or any other when somebody has it.
page_port() {
    if (exec 3<>/dev/tcp/127.0.0.1/8514) 2>/dev/null; then echo 0; else echo 8514; fi
}
