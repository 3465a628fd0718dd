#!/usr/bin/env bash
# Starts the real services that the suites and benches can run against, each on free loopback ports with a data folder of its
# own, and stops exactly what it started. Needs no container engine; what is missing is fetched once.
#
#   eval "$(tests/services/services.sh start)"                # all of them
#   eval "$(tests/services/services.sh start kafka redis)"    # some of them
#   eval "$(tests/services/services.sh start secure)"         # others, behind passwords and TLS (secure.sh)
#   tests/services/services.sh fetch                          # what is missing is fetched, and nothing started
#   tests/services/services.sh stop                           # all that run
#   tests/services/services.sh kill NAME, again NAME          # one of them, as a machine that goes away and comes back
#   tests/services/services.sh freeze NAME, thaw NAME         # one of them, as a machine that nothing reaches any more
#
# `start` prints `export FEIRA_…=…` lines to stdout, and everything else to stderr. What runs already is left running and
# printed again. SERVICES_DIR (target/services) holds downloads, data, logs and pid files.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${SERVICES_DIR:-$here/../../target/services}
all=(kafka cassandra redis registry s3)
bucket=feira-files
# On two busy cores the slowest of them takes a minute; a service that needs three doesn't come up.
patience=180

say() { echo "services: $*" >&2; }
die() { say "$*"; exit 1; }

main() {
  mkdir -p "$root"
  root=$(cd "$root" && pwd)
  local verb=${1:-help}
  [ $# -eq 0 ] || shift
  case $verb in
    start)
      [ $# -gt 0 ] || set -- "${all[@]}"
      [ "$*" != secure ] || set -- "${secure[@]}"
      start_all "$@"
      ;;
    fetch)
      [ $# -gt 0 ] || set -- "${all[@]}"
      fetch_all "$@"
      ;;
    stop) stop_all ;;
    kill) signal_one KILL "$1" ;;
    again) start_again "$1" ;;
    freeze) signal_one STOP "$1" ;;
    thaw) signal_one CONT "$1" ;;
    *) sed -n '2,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
}

start_all() {
  local name
  for name in "$@"; do
    [[ " ${all[*]} ${secure[*]} " == *" $name "* ]] || die "no service is called $name; there are: ${all[*]} ${secure[*]}"
  done
  # Two starts at once would choose the same folders; the second waits for the first.
  exec 9>"$root/lock"
  flock 9
  for name in "$@"; do
    running "$name" || { "install_$name" >&2; "launch_$name" >&2 9>&-; }
  done
  for name in "$@"; do
    wait_for "$name"
    "export_$name"
  done
}

fetch_all() {
  local name
  exec 9>"$root/lock"
  flock 9
  for name in "$@"; do
    "install_$name" >&2
  done
}

stop_all() {
  local name pid waited
  for name in "${all[@]}" "${secure[@]}"; do
    if running "$name"; then
      pid=$(process "$name")
      kill "$pid" 2>/dev/null || true
      for ((waited = 0; waited < 100; waited++)); do
        running "$name" || break
        sleep 0.1
      done
      running "$name" && kill -9 "$pid" 2>/dev/null
      say "$name stopped"
    fi
    rm -rf "$root/run/$name"
  done
  rm -rf "$root/run/secure"
}

# signal_one SIGNAL NAME: its data stay, also where it is killed.
signal_one() {
  running "$2" || die "$2 does not run"
  kill -s "$1" "$(process "$2")"
}

# On the port and the data that it had.
start_again() {
  ! running "$1" || die "$1 runs"
  cd "$root/run/$1"
  local command
  mapfile -d '' command <command
  mv log "log.$SECONDS.$RANDOM"
  launch "$1" "$(port "$1")" "${command[@]}" >&2
  wait_for "$1"
}

# --- processes: run/<name>/pid holds the process id and its start time, so that a reused id is never taken for ours

process() { cut -d' ' -f1 "$root/run/$1/pid"; }

# When the process was started, in the kernel's ticks; nothing for one that is gone, or ended and not yet waited for.
born() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  # The fields after the command's name, which stands in parentheses and may hold anything.
  set -- ${stat##*) }
  [ "$1" = Z ] || echo "${20}"
}

running() {
  local pid since
  [ -f "$root/run/$1/pid" ] || return 1
  read -r pid since <"$root/run/$1/pid"
  [ -n "$(born "$pid")" ] && [ "$(born "$pid")" = "$since" ]
}

# A fresh folder for the service; its former data is thrown away, as a test wants.
prepare() {
  rm -rf "$root/run/$1"
  mkdir -p "$root/run/$1/data"
  cd "$root/run/$1"
}

# launch NAME PORT COMMAND…: in its own session, so that Ctrl-C in a test doesn't reach it.
launch() {
  local name=$1 port=$2
  shift 2
  echo "$port" >"$root/run/$name/port"
  printf '%s\0' "$@" >"$root/run/$name/command"
  setsid "$@" >"$root/run/$name/log" 2>&1 </dev/null &
  local pid=$!
  # `setsid` forks only when it leads a process group, which a script's child doesn't: the id is the service's own.
  sleep 0.2
  echo "$pid $(born "$pid")" >"$root/run/$name/pid"
  say "$name starts on port $port"
}

port() { cat "$root/run/$1/port"; }

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

open_port() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

wait_for() {
  local name=$1 started=$SECONDS
  until "ready_$name"; do
    running "$name" || { tail -n 30 "$root/run/$name/log" >&2; die "$name ended before it was ready (its log is above)"; }
    ((SECONDS - started < patience)) || { tail -n 30 "$root/run/$name/log" >&2; die "$name isn't ready after $patience s"; }
    sleep 0.3
  done
}

# --- fetching

need() { "$here/need.sh" "$@"; }

# fetch NAME MAVEN-ARGUMENT…: what Maven copies, in jars/<name>
fetch() {
  local name=$1 folder=$root/jars/$1
  shift
  need java openjdk-17-jre-headless
  need python3 python3
  [ -f "$folder/complete" ] && return
  need mvn maven
  say "fetching $name"
  rm -rf "$folder"
  mvn -q -B -Dstyle.color=never -f "$here/pom.xml" "$@" -DoutputDirectory="$folder"
  touch "$folder/complete"
}

# The jars of a profile of the pom, with all that they need.
fetch_jars() { fetch "$1" -P "$1" dependency:copy-dependencies -DincludeScope=runtime; }

# --- Apache Kafka: one node that is broker and controller

install_kafka() { fetch_jars kafka; }

launch_kafka() {
  prepare kafka
  local port controller
  port=$(free_port)
  controller=$(free_port)
  cat >server.properties <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
log.dirs=$PWD/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
END
  local java=(java -cp "$root/jars/kafka/*" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn)
  "${java[@]}" kafka.tools.StorageTool format -t 4L6g3nShT-eMCtK--X86sw -c server.properties >format.log 2>&1 ||
    { cat format.log; die "Kafka's storage can't be formatted"; }
  launch kafka "$port" "${java[@]}" -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info -Xmx1g \
    kafka.Kafka server.properties
}

ready_kafka() { open_port "$(port kafka)" && grep -q 'Kafka Server started' "$root/run/kafka/log"; }

export_kafka() { echo "export FEIRA_KAFKA_BROKERS=127.0.0.1:$(port kafka)"; }

# --- Apache Cassandra, which speaks ScyllaDB's protocol and needs no container

install_cassandra() { fetch_jars cassandra; }

launch_cassandra() { launch_node cassandra </dev/null; }

# launch_node NAME: with what stands on the standard input in its cassandra.yaml.
launch_node() {
  prepare "$1"
  local port storage opened=()
  port=$(free_port)
  storage=$(free_port)
  cat >cassandra.yaml <<END
cluster_name: feira
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{seeds: "127.0.0.1:$storage"}]
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
storage_port: $storage
native_transport_port: $port
commitlog_sync: periodic
commitlog_sync_period: 10000ms
data_file_directories: [$PWD/data/data]
commitlog_directory: $PWD/data/commitlog
hints_directory: $PWD/data/hints
saved_caches_directory: $PWD/data/saved_caches
cdc_raw_directory: $PWD/data/cdc_raw
END
  cat >>cassandra.yaml
  # What Cassandra's own jvm17-server.options opens to it.
  local package
  for package in java.base/jdk.internal.misc java.base/jdk.internal.ref java.base/sun.nio.ch java.sql/java.sql \
    java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry java.rmi/sun.rmi.server \
    java.rmi/sun.rmi.transport.tcp; do
    opened+=(--add-exports "$package=ALL-UNNAMED")
  done
  for package in java.base/java.lang.module java.base/jdk.internal.loader java.base/jdk.internal.ref \
    java.base/jdk.internal.reflect java.base/jdk.internal.math java.base/jdk.internal.module \
    java.base/jdk.internal.util.jar java.base/sun.nio.ch java.base/java.io java.base/java.lang \
    java.base/java.lang.reflect java.base/java.util java.base/java.util.concurrent \
    java.base/java.util.concurrent.atomic java.base/java.nio jdk.management/com.sun.management.internal; do
    opened+=(--add-opens "$package=ALL-UNNAMED")
  done
  local agent
  agent=$(echo "$root"/jars/cassandra/jamm-*.jar)
  launch "$1" "$port" java -cp "$root/jars/cassandra/*" "-javaagent:$agent" "${opened[@]}" \
    -Djdk.attach.allowAttachSelf=true -Dcassandra.config="file://$PWD/cassandra.yaml" -Dcassandra.storagedir="$PWD/data" \
    -Dcassandra.superuser_setup_delay_ms=0 -Dcassandra.ring_delay_ms=100 -Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra-foreground=yes \
    -Xms1g -Xmx1g -Xss512k org.apache.cassandra.service.CassandraDaemon
}

ready_cassandra() { open_port "$(port cassandra)"; }

export_cassandra() { echo "export FEIRA_SCYLLA_NODES=127.0.0.1:$(port cassandra)"; }

# --- Redis

install_redis() { need redis-server redis-server; need python3 python3; }

launch_redis() {
  prepare redis
  local port
  port=$(free_port)
  launch redis "$port" redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$PWD/data"
}

ready_redis() {
  local answer
  { exec 3<>"/dev/tcp/127.0.0.1/$(port redis)"; } 2>/dev/null || return 1
  printf 'PING\r\n' >&3
  read -r -t 2 answer <&3 || true
  exec 3>&-
  [[ $answer == +PONG* ]]
}

export_redis() { echo "export FEIRA_REDIS_URL=redis://127.0.0.1:$(port redis)"; }

# --- Apicurio, a schema registry with Confluent's paths

install_registry() {
  # One archive that brings its own libraries; its pom's parent isn't published, so it is copied without them.
  fetch registry dependency:copy -Dartifact=io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all
  need curl curl
  [ -d "$root/jars/registry/app" ] && return
  mkdir "$root/jars/registry/app.part"
  tar -xzf "$root"/jars/registry/apicurio-registry-app-*.tar.gz -C "$root/jars/registry/app.part"
  mv "$root/jars/registry/app.part" "$root/jars/registry/app"
}

launch_registry() {
  prepare registry
  local port jar
  port=$(free_port)
  jar=$(find "$root/jars/registry/app" -name '*-runner.jar' | head -n 1)
  launch registry "$port" java -Xmx512m -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$port" -jar "$jar"
}

registry_url() { echo "http://127.0.0.1:$(port registry)/apis/ccompat/v7"; }

ready_registry() { curl -fsS -m 5 -o /dev/null "$(registry_url)/subjects" 2>/dev/null; }

export_registry() { echo "export FEIRA_REGISTRY_URL=$(registry_url)"; }

# --- moto, which stands for S3

install_s3() {
  need python3 python3
  need curl curl
  [ -x "$root/venv/bin/moto_server" ] && return
  say "installing moto"
  rm -rf "$root/venv"
  python3 -m venv "$root/venv" || die "python3 can't make a virtual environment; install python3-venv"
  "$root/venv/bin/pip" install -q 'moto[server]>=5,<6'
}

launch_s3() {
  prepare s3
  local port
  port=$(free_port)
  launch s3 "$port" "$root/venv/bin/python" "$root/venv/bin/moto_server" -H 127.0.0.1 -p "$port"
}

# Ready is: the bucket exists.
ready_s3() { curl -fsS -m 5 -o /dev/null -X PUT "http://127.0.0.1:$(port s3)/$bucket" 2>/dev/null; }

export_s3() { echo "export FEIRA_S3_URL=http://test:test@127.0.0.1:$(port s3)/$bucket"; }

source "$here/secure.sh"
main "$@"
