"""Stands before services that know no passwords and no TLS, as a managed deployment's gateways do; the standard library alone.

doors.py FOLDER USER PASSWORD REGISTRY ENTRY TOKEN EXPIRED
  ENTRY    https: the registry, for who names USER and PASSWORD (basic) or "Bearer PASSWORD"; 401 for others
  TOKEN    https: OAuth's token endpoint for the grant client_credentials; an unsigned token, which Kafka's own test handler takes
  EXPIRED  TLS with a certificate that has expired, for any protocol: nobody gets past the handshake
"""

import base64
import http.client
import json
import socket
import ssl
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder, user, password, registry, *ports = sys.argv[1:]
entry, token, expired = map(int, ports)
basic = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def log_message(self, *_):
        pass


class Registry(Door):
    def forward(self):
        body = self.body()
        if self.headers.get("authorization") not in (basic, f"Bearer {password}"):
            return self.answer(401, b'{"error_code": 401, "message": "Unauthorized"}')
        asked = http.client.HTTPConnection(urllib.parse.urlsplit(registry).netloc, timeout=30)
        headers = {name: self.headers[name] for name in ("content-type", "accept") if name in self.headers}
        asked.request(self.command, self.path, body, headers)
        answer = asked.getresponse()
        self.answer(answer.status, answer.read(), answer.headers.get("content-type", "application/json"))

    do_GET = do_POST = do_PUT = do_DELETE = forward


class Token(Door):
    def do_POST(self):
        asked = urllib.parse.parse_qs(self.body().decode())
        if self.headers.get("authorization") != basic or asked.get("grant_type") != ["client_credentials"]:
            return self.answer(401, b'{"error": "invalid_client"}')
        now = int(time.time())
        parts = {"alg": "none"}, {"sub": user, "iat": now, "exp": now + 3600, "scope": asked.get("scope", [""])[0]}
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
        made = {"access_token": ".".join(encoded) + ".", "token_type": "Bearer", "expires_in": 3600}
        self.answer(200, json.dumps(made).encode())


def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/{certificate}.pem", f"{folder}/{certificate}.key")
    return context


def serve(port, handler):
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    # Handshakes are done by the threads of requests: one that stalls holds up nobody.
    server.socket = tls("server").wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


def shake_hands(connection, context):
    try:
        connection.settimeout(10)
        context.wrap_socket(connection, server_side=True).close()
    except OSError:
        connection.close()


def serve_expired(port):
    context = tls("expired")
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        threading.Thread(target=shake_hands, args=(listener.accept()[0], context), daemon=True).start()


threading.Thread(target=serve, args=(entry, Registry), daemon=True).start()
threading.Thread(target=serve, args=(token, Token), daemon=True).start()
serve_expired(expired)
