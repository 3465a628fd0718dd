# Sourced by services.sh: the services as managed ones are, behind passwords and certificates. `services.sh start secure` starts
# three brokers, a Cassandra, a Redis and the doors (doors.py), which stand before the registry, give tokens to Kafka's clients,
# and show an expired certificate. run/secure holds certificates and what processes need in their environment.
secure=(kafka1 kafka2 kafka3 cassandra_secure redis_secure registry doors)
user=feira
password='s3cr3t-of-the-tests'

# The certificates, the ports that brokers must know of each other, and who may come in.
secure_folder() {
  folder=$root/run/secure
  [ -f "$folder/complete" ] && return
  need openssl openssl
  need python3 python3
  rm -rf "$folder"
  mkdir -p "$folder"
  authority ca "Feira's tests"
  authority other-ca "Somebody else"
  certificate server ca 30
  certificate expired ca -1
  certificate client ca 30
  # Servers in Java read their key and their certificate from one file.
  cat "$folder/server.key" "$folder/server.pem" "$folder/ca.pem" >"$folder/server-all.pem"
  openssl pkcs12 -export -in "$folder/server.pem" -inkey "$folder/server.key" -certfile "$folder/ca.pem" \
    -out "$folder/server.p12" -passout "pass:$password"
  keytool -importcert -noprompt -file "$folder/ca.pem" -keystore "$folder/ca.p12" -storetype PKCS12 \
    -storepass "$password" 2>/dev/null
  printf %s "$password" >"$folder/password"
  local broker
  for broker in 1 2 3; do
    echo "$(free_port) $(free_port) $(free_port) $(free_port)" >"$folder/broker$broker"
  done
  touch "$folder/complete"
}

authority() { # authority NAME WHO
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$2" \
    -keyout "$folder/$1.key" -out "$folder/$1.pem" 2>/dev/null
}

certificate() { # certificate NAME AUTHORITY DAYS
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
    -keyout "$folder/$1.key" -out "$folder/$1.csr" 2>/dev/null
  openssl x509 -req -in "$folder/$1.csr" -CA "$folder/$2.pem" -CAkey "$folder/$2.key" -CAcreateserial -days "$3" \
    -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out "$folder/$1.pem" 2>/dev/null
}

# --- Kafka: three brokers that are controllers too. Among themselves they speak in the clear; clients come in by SASL over TLS,
# or by a certificate.

for broker in 1 2 3; do
  eval "install_kafka$broker() { fetch_jars kafka; secure_folder; }
    launch_kafka$broker() { launch_broker $broker; }
    ready_kafka$broker() { open_port \"\$(port kafka$broker)\" && grep -q 'Kafka Server started' \"\$root/run/kafka$broker/log\"; }
    export_kafka$broker() { :; }"
done

launch_broker() {
  prepare "kafka$1"
  local inside controller entry mutual voters='' broker
  for broker in 1 2 3; do
    read -r inside controller entry mutual <"$folder/broker$broker"
    voters+=${voters:+,}$broker@127.0.0.1:$controller
  done
  read -r inside controller entry mutual <"$folder/broker$1"
  cat >server.properties <<END
process.roles=broker,controller
node.id=$1
controller.quorum.voters=$voters
listeners=INSIDE://127.0.0.1:$inside,CONTROLLER://127.0.0.1:$controller,ENTRY://127.0.0.1:$entry,MUTUAL://127.0.0.1:$mutual
advertised.listeners=INSIDE://127.0.0.1:$inside,ENTRY://127.0.0.1:$entry,MUTUAL://127.0.0.1:$mutual
listener.security.protocol.map=INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT,ENTRY:SASL_SSL,MUTUAL:SSL
inter.broker.listener.name=INSIDE
controller.listener.names=CONTROLLER
log.dirs=$PWD/data
auto.create.topics.enable=false
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
transaction.state.log.num.partitions=6
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=6000
ssl.keystore.type=PEM
ssl.keystore.location=$folder/server-all.pem
ssl.truststore.type=PEM
ssl.truststore.location=$folder/ca.pem
listener.name.mutual.ssl.client.auth=required
listener.name.entry.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.entry.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_$user="$password";
listener.name.entry.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.entry.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.entry.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
END
  local java=(java -cp "$root/jars/kafka/*" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn)
  "${java[@]}" kafka.tools.StorageTool format -t 4L6g3nShT-eMCtK--X86sw -c server.properties \
    --add-scram "SCRAM-SHA-256=[name=$user,password=$password]" \
    --add-scram "SCRAM-SHA-512=[name=$user,password=$password]" >format.log 2>&1 ||
    { cat format.log; die "Kafka's storage can't be formatted"; }
  launch "kafka$1" "$entry" "${java[@]}" -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info -Xmx512m \
    kafka.Kafka server.properties
}

# --- Cassandra with passwords, over TLS alone, and only for who shows a certificate

install_cassandra_secure() { fetch_jars cassandra; secure_folder; }

launch_cassandra_secure() {
  launch_node cassandra_secure <<END
authenticator: PasswordAuthenticator
authorizer: CassandraAuthorizer
client_encryption_options:
  enabled: true
  optional: false
  keystore: $folder/server.p12
  keystore_password: $password
  require_client_auth: true
  truststore: $folder/ca.p12
  truststore_password: $password
  store_type: PKCS12
END
}

# The first user is made a while after the port is open.
ready_cassandra_secure() {
  open_port "$(port cassandra_secure)" && grep -q "Created default superuser role" "$root/run/cassandra_secure/log"
}

export_cassandra_secure() { :; }

# --- Redis over TLS alone, for one user who may no more than is needed

install_redis_secure() { install_redis; secure_folder; }

launch_redis_secure() {
  prepare redis_secure
  local port
  port=$(free_port)
  cat >redis.conf <<END
bind 127.0.0.1
port 0
tls-port $port
tls-cert-file $folder/server.pem
tls-key-file $folder/server.key
tls-ca-cert-file $folder/ca.pem
tls-auth-clients optional
save ""
appendonly no
dir $PWD/data
user default off
user $user on >$password ~t:* +@read +@write +@scripting +@connection +info
END
  launch redis_secure "$port" redis-server redis.conf
}

ready_redis_secure() { open_port "$(port redis_secure)"; }

export_redis_secure() { :; }

# --- The doors

install_doors() { secure_folder; }

launch_doors() {
  prepare doors
  local entry token expired
  entry=$(free_port)
  token=$(free_port)
  expired=$(free_port)
  echo "$entry $token $expired" >"$folder/doors"
  # Started beside it, so it may answer later than this.
  launch doors "$entry" python3 "$here/doors.py" "$folder" "$user" "$password" "http://127.0.0.1:$(port registry)" \
    "$entry" "$token" "$expired"
}

ready_doors() {
  secure_folder # Nothing was installed where all of it ran already.
  local entry token expired
  read -r entry token expired <"$folder/doors"
  open_port "$entry" && open_port "$token" && open_port "$expired"
}

# The folder, with what a process needs in its environment to come in everywhere.
export_doors() {
  local brokers='' broker inside controller entry mutual all_mutual='' token expired
  for broker in 1 2 3; do
    read -r inside controller entry mutual <"$folder/broker$broker"
    brokers+=${brokers:+,}127.0.0.1:$entry
    all_mutual+=${all_mutual:+,}127.0.0.1:$mutual
  done
  read -r entry token expired <"$folder/doors"
  cat >"$folder/environment" <<END
FEIRA_REPLICATION=3
FEIRA_KAFKA_BROKERS=$brokers
FEIRA_KAFKA_SECURITY_PROTOCOL=SASL_SSL
FEIRA_KAFKA_SASL_MECHANISM=SCRAM-SHA-512
FEIRA_KAFKA_USERNAME=$user
FEIRA_KAFKA_PASSWORD_FILE=$folder/password
FEIRA_KAFKA_CA=$folder/ca.pem
FEIRA_SCYLLA_NODES=127.0.0.1:$(port cassandra_secure)
FEIRA_SCYLLA_USERNAME=cassandra
FEIRA_SCYLLA_PASSWORD=cassandra
FEIRA_SCYLLA_CA=$folder/ca.pem
FEIRA_SCYLLA_CERTIFICATE=$folder/client.pem
FEIRA_SCYLLA_KEY=$folder/client.key
FEIRA_SCYLLA_LOCAL_DATACENTER=datacenter1
FEIRA_SCYLLA_REPLICATION=1
FEIRA_REDIS_URL=rediss://127.0.0.1:$(port redis_secure)
FEIRA_REDIS_USERNAME=$user
FEIRA_REDIS_PASSWORD_FILE=$folder/password
FEIRA_REDIS_CA=$folder/ca.pem
FEIRA_REGISTRY_URL=https://127.0.0.1:$entry/apis/ccompat/v7
FEIRA_REGISTRY_USERNAME=$user
FEIRA_REGISTRY_PASSWORD_FILE=$folder/password
FEIRA_REGISTRY_CA=$folder/ca.pem
END
  echo "$all_mutual" >"$folder/mutual"
  echo "https://127.0.0.1:$token/token" >"$folder/token"
  echo "127.0.0.1:$expired" >"$folder/expired"
  echo "export SERVICES_SECURE=$folder"
}
